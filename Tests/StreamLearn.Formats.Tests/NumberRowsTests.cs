namespace StreamLearn.Formats.Tests;

/// <summary>Rows that are scanned beside the same rows read value by value: the same texts accepted, the same bits, the same
/// reasons.</summary>
public sealed class NumberRowsTests
{
    private const int Short = 60_000, Long = 5_000_000;

    [Theory, InlineData(false, false), InlineData(true, false), InlineData(true, true)]
    public void Scanned_rows_are_those_of_the_reader(bool nullable, bool nonFiniteIsMissing)
    {
        var texts = new NumberTexts(seed: 7);
        var (scanned, read) = (Of(nullable, nonFiniteIsMissing, isScanned: true), Of(nullable, nonFiniteIsMissing, isScanned: false));
        var pool = new BatchPool();
        var count = LongForm.IsAsked ? Long : Short;
        var accepted = 0;
        for (var i = 0; i < count; i++)
        {
            var text = texts.NextRows();
            var (got, expected) = (Shown(scanned, text, pool), Shown(read, text, pool));
            if (got != expected) { Assert.Fail($"{Encoding.Latin1.GetString(text)}: expected {expected}, got {got}"); }
            if (expected.StartsWith('(')) { accepted++; }
        }
        Assert.InRange(accepted, count / 5, count * 9 / 10);      // both sides are met often
        Assert.InRange(scanned.Refused(RefusalReason.BadJson), count / 50, count);
        Assert.InRange(scanned.Refused(RefusalReason.TooManyRows), 1, count);
    }

    [Theory]
    [InlineData("[[1,2,3,4]]", "(1 2 4)")]
    [InlineData("[ [ 1 , 2 , 3 , 4 ] , [5,6,7,8,9,10e2] ]", "(1 2 4) (5 6 8)")]
    [InlineData("[[1,2,null,4],[5,6,{\"a\":1},8],[9,10,11,12]]", "(1 2 4) (5 6 8) (9 10 12)")]
    [InlineData("[]", "")]
    [InlineData("[[1,2,3,4],]", "bad JSON at byte 11")]
    [InlineData("[[1,2,3,4][5,6,7,8]]", "bad JSON at byte 10")]
    [InlineData("[[1,2,3,4]", "bad JSON at byte 10")]
    [InlineData("[[1,2,3,4,]]", "bad JSON at byte 10")]
    [InlineData("[[1,2,3,04]]", "bad JSON at byte 8")]
    [InlineData("[[1,2,3,4],[1,2,3]]", "missing path at byte 17, column 'z'")]
    [InlineData("[[1,2,3,4],[1,2.5,3,4]]", "wrong type at byte 14, column 'n'")]
    [InlineData("[[1,2,3,4],5]", "wrong type at byte 11, column 'x'")]
    [InlineData("[[1,2,3,4],null]", "missing path at byte 11, column 'x'")]
    [InlineData("[[1e39,2,3,4]]", "not finite at byte 2, column 'x'")]
    public void Rows_of_numbers_are_read_or_refused_where_they_are_wrong(string text, string expected)
    {
        var format = Of(nullable: false, nonFiniteIsMissing: false, isScanned: true);
        using var rows = format.TryDecode(Payloads.Bytes(text), new(guard: true), out var batch, out var refusal) ? batch : null;
        Assert.Equal(expected, rows is null ? refusal.ToString() : Shown(rows));
    }

    [Fact]
    public void Rows_below_an_item_and_times_in_a_row_are_scanned_too()
    {
        var format = new JsonFormat(new()
        {
            Columns = [JsonColumn.Channel("x", "$.packets[*].rows[*][1]"), JsonColumn.Channel("gain", "$.packets[*].gain")],
            Time = new("$.packets[*].rows[*][0]", TimeUnit.Milliseconds),
        });
        Assert.True(format.TryDecode(
            Payloads.Bytes("""{"packets":[{"gain":3,"rows":[[1,0.5],[2.25,-1]]},{"rows":[[4,2]],"gain":7}]}"""), new(), out var batch));

        using (batch)
        {
            Assert.Equal([1_000_000, 2_250_000, 4_000_000], batch["time"].Values<long>().ToArray());
            Assert.Equal([0.5f, -1, 2], batch["x"].Values<float>().ToArray());
            Assert.Equal([3f, 3, 7], batch["gain"].Values<float>().ToArray());
        }
    }

    [Fact]
    public void As_many_rows_as_allowed_are_read_and_one_more_is_refused()
    {
        const int MaxRows = 150;        // more than are scanned at once
        var format = new JsonFormat(Of(nullable: false, nonFiniteIsMissing: false, isScanned: true).Options with { MaxRows = MaxRows });
        string Rows(int count) => $"[{string.Join(',', Enumerable.Repeat("[1,2,3,4]", count))}]";
        Assert.True(format.TryDecode(Payloads.Bytes(Rows(MaxRows)), new(), out var batch));
        using (batch) { Assert.Equal(MaxRows, batch.Rows); }
        Assert.Equal("too many rows at byte 1502, column 'x'", Payloads.Refused(format, Payloads.Bytes(Rows(MaxRows + 1))).ToString());
    }

    /// <summary>A path map of rows; with a column at a far place, which no row has, each value is read by itself.</summary>
    private static JsonFormat Of(bool nullable, bool nonFiniteIsMissing, bool isScanned)
    {
        JsonColumn[] columns =
        [
            new(new("x", ColumnType.Float32, Unit.One, nullable), "$[*][0]"),
            new(new("n", ColumnType.Int64, Unit.One, nullable), "$[*][1]"),
            new(new("z", ColumnType.Float64, Unit.One, nullable), "$[*][3]"),
        ];
        var far = new JsonColumn(new("far", ColumnType.Float32, Unit.One, Nullable: true), $"$[*][{NumberRows.MaxWidth}]");
        return new(new() { Columns = isScanned ? columns : [.. columns, far], MaxRows = 20, NonFiniteIsMissing = nonFiniteIsMissing });
    }

    /// <summary>The rows, or why there are none; of bad JSON the place is left out.</summary>
    private static string Shown(JsonFormat format, byte[] text, BatchPool pool)
    {
        if (!format.TryDecode(new ReadOnlySequence<byte>(text), pool, out var batch, out var refusal))
        {
            return refusal.Reason == RefusalReason.BadJson ? "bad" : refusal.ToString();
        }
        using (batch) { return $"({Shown(batch)})"; }
    }

    private static string Shown(Batch batch)
    {
        var rows = new StringBuilder();
        for (var r = 0; r < batch.Rows; r++)
        {
            rows.Append(r > 0 ? " " : "").Append(CultureInfo.InvariantCulture,
                $"({Value(batch["x"], r, batch["x"].Values<float>()[r])} {Value(batch["n"], r, batch["n"].Values<long>()[r])} ")
                .Append(CultureInfo.InvariantCulture, $"{Value(batch["z"], r, batch["z"].Values<double>()[r])})");
        }
        return rows.ToString();
    }

    private static string Value<T>(Column column, int row, T value)
        where T : IFormattable => column.IsValid(row) ? value.ToString(null, CultureInfo.InvariantCulture) : $"missing {value}";
}
