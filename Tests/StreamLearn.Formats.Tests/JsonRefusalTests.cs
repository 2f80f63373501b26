namespace StreamLearn.Formats.Tests;

public sealed class JsonRefusalTests
{
    private static readonly JsonFormat Format = new(new()
    {
        Columns =
        [
            JsonColumn.Channel("x", "$.x[*]"), JsonColumn.Channel("y", "$.y[*]"), JsonColumn.Channel("v", "$.r[*].v[*]"),
            new(new("n", ColumnType.Int32, Unit.One), "$.n"),
        ],
        Time = new("$.ts", TimeUnit.Seconds),
        MaxRows = 100,
    });

    [Theory]
    [InlineData("""{"ts":1,"n":1,"x":[1,2],"y":[1,2],"r":[{"v":[1]},{"v":[2]}]}""", "not refused")]
    [InlineData("", "bad JSON at byte 0")]
    [InlineData("""{"ts":1,"n":1,"x":[1,2],"y":[1,2],"r":[{"v":[1]},{"v":[2]}]} x""", "bad JSON at byte 61")]
    [InlineData("""{"ts":1,"n":1,"x":[1,2],"y":[1,2]]""", "bad JSON at byte 33")]
    [InlineData("""{"ts":1,"n":1,"x":[1,2],"y":[1,2]}""", "missing path at byte 33, column 'v'")]
    [InlineData("""{"n":1,"x":[1,2],"y":[1,2],"r":[{"v":[1,2]}]}""", "missing path at byte 44, column 'time'")]
    [InlineData("""{"ts":1,"n":1,"x":[1],"y":[1],"r":[{"v":[1]},{}]}""", "missing path at byte 46, column 'v'")]
    [InlineData("""{"ts":1,"n":null,"x":[1]}""", "missing value at byte 12, column 'n'")]
    [InlineData("""{"ts":1,"n":1,"x":[1,null]}""", "missing value at byte 21, column 'x'")]
    [InlineData("""{"ts":1,"n":1.0}""", "wrong type at byte 12, column 'n'")]
    [InlineData("""{"ts":1,"n":"1"}""", "wrong type at byte 12, column 'n'")]
    [InlineData("""{"ts":1,"n":[1]}""", "wrong type at byte 12, column 'n'")]
    [InlineData("""{"ts":1,"n":{}}""", "wrong type at byte 12, column 'n'")]
    [InlineData("""{"ts":1,"x":1}""", "wrong type at byte 12, column 'x'")]
    [InlineData("""{"ts":1,"x":[1,true]}""", "wrong type at byte 15, column 'x'")]
    [InlineData("""{"ts":1,"x":[1,[2]]}""", "wrong type at byte 15, column 'x'")]
    [InlineData("""{"ts":1,"n":2147483648}""", "not finite at byte 12, column 'n'")]
    [InlineData("""{"ts":1,"x":[1,1e39]}""", "not finite at byte 15, column 'x'")]
    [InlineData("""{"ts":"2026-03-01"}""", "bad time at byte 6, column 'time'")]
    [InlineData("""{"ts":9223372037}""", "bad time at byte 6, column 'time'")]
    [InlineData("""{"ts":1,"n":1,"x":[1,2],"y":[1],"r":[{"v":[1,2]}]}""", "unequal lengths at byte 49, column 'y'")]
    [InlineData("""{"ts":1,"n":1,"ts":1}""", "duplicate key at byte 14, column 'time'")]
    [InlineData("""{"ts":1,"n":1,"t\u0073":1}""", "duplicate key at byte 14, column 'time'")]
    public void Refusal_says_why_and_where(string text, string expected)
    {
        var read = Format.TryDecode(Payloads.Bytes(text), new(guard: true), out var batch, out var refusal);
        batch?.Dispose();
        Assert.Equal((expected == "not refused", expected), (read, refusal.ToString()));
    }

    [Fact]
    public void The_last_refusal_is_kept()
    {
        var format = Payloads.Single("$.x[*]");
        Assert.Equal("not refused", format.LastRefusal.ToString());
        foreach (var text in new[] { "{\"y\":[1]}", "{\"x\":[1]}" })
        {
            if (format.TryDecode(Payloads.Bytes(text), new(guard: true), out var batch)) { batch.Dispose(); }
        }
        Assert.Equal((RefusalReason.MissingPath, "x"), (format.LastRefusal.Reason, format.LastRefusal.Column));
    }

    [Fact]
    public void More_rows_than_allowed_are_refused_before_there_is_memory_for_them()
    {
        var row = string.Join(',', Enumerable.Repeat("1", 101));
        Assert.Equal(
            "too many rows at byte 206, column 'x'", Payloads.Refused(Format, Payloads.Bytes($$"""{"x":[{{row}}],"y":[]}""")).ToString());
        Assert.Equal(RefusalReason.TooManyRows,
            Payloads.Refused(Format, Payloads.Bytes($$"""{"r":[{{string.Join(',', Enumerable.Repeat("""{"v":[1]}""", 101))}}]}""")).Reason);
    }

    [Fact]
    public void A_key_that_no_path_names_may_stand_twice() =>
        Assert.True(Payloads.Single("$.x").TryDecode(Payloads.Bytes("""{"a":1,"x":2,"a":3}"""), new(), out _));

    [Fact]
    public void Refusals_are_counted_by_reason()
    {
        var format = Payloads.Single("$.x");
        Payloads.Refused(format, Payloads.Bytes("{"));
        Payloads.Refused(format, Payloads.Bytes("{}"));
        Payloads.Refused(format, Payloads.Bytes("[]"));
        Payloads.Refused(format, Payloads.Bytes("{}"));
        Assert.Equal((1, 2, 1, 0), (format.Refused(RefusalReason.BadJson), format.Refused(RefusalReason.MissingPath),
            format.Refused(RefusalReason.WrongType), format.Refused(RefusalReason.NotFinite)));
    }

    [Theory, InlineData("x", "expected $"), InlineData("$.", "expected a key"), InlineData("$x", "expected .key")]
    [InlineData("$[x]", "expected .key"), InlineData("$[1", "expected ]"), InlineData("$['a]", "expected ']")]
    [InlineData("$[-1]", "expected .key"), InlineData("$.a", "does not fit the previous paths")]
    [InlineData("$.a.b", "does not fit the previous paths"), InlineData("$[*]", "does not fit the previous paths")]
    [InlineData("$[0]", "does not fit the previous paths")]
    public void Path_maps_that_cannot_be_read_are_refused_when_they_are_made(string path, string expected)
    {
        var wrong = Assert.Throws<ArgumentException>(
            () => new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$.a"), JsonColumn.Channel("y", path)] }));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused_when_the_format_is_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new JsonFormat(Format.Options with { MaxRows = 0 }));
        Assert.Throws<ArgumentException>(() => new JsonFormat(Format.Options with { MaxRows = int.MaxValue }));
        Assert.Throws<ArgumentException>(() => new JsonFormat(Format.Options with { Time = new("$.t", SamplesPerSecond: double.NaN) }));
        Assert.Throws<ArgumentException>(() => new JsonFormat(Format.Options with { Time = new("$.t[*]", SamplesPerSecond: 1) }));
        Assert.Throws<ArgumentException>(() => new JsonFormat(Format.Options with { Columns = [], Time = null }));
    }

    [Fact]
    public void Names_of_formats_differ_with_their_options()
    {
        Assert.StartsWith("json/1#", Format.Name, StringComparison.Ordinal);
        Assert.Equal(Format.Name, new JsonFormat(Format.Options).Name);
        Assert.NotEqual(Format.Name, new JsonFormat(Format.Options with { Time = null }).Name);
    }
}
