namespace StreamLearn.Formats.Tests;

public sealed class JsonFormatTests
{
    private const long Noon = 1_772_366_400_000_000_000;    // 2026-03-01T12:00:00Z

    [Fact]
    public void Object_is_one_row()
    {
        using var batch = Read(
            """{"dev":"pump-7","ts":1772366400.123456789,"accel":{"x":0.5,"y":-1.25e1,"t":[1,{"x":[]}]},"a.b":3,"on":true,"n":-7}""",
            new()
            {
                Columns =
                [
                    JsonColumn.Channel("ax", "$.accel.x", Unit.StandardGravity), JsonColumn.Channel("ay", "$.accel.y"),
                    new(new("b", ColumnType.Float64, Unit.One), "$['a.b']"), new(new("on", ColumnType.Int32, Unit.One), "$.on"),
                    new(new("n", ColumnType.Int64, Unit.One), "$.n"),
                ],
                Time = new("$.ts", TimeUnit.Seconds),
            });
        Assert.Equal("time int64 [ns], ax float32 [gn], ay float32 [1], b float64 [1], on int32 [1], n int64 [1]", batch.Schema.ToString());
        Assert.Equal([Noon + 123_456_789], batch["time"].Values<long>().ToArray());
        Assert.Equal([0.5f], batch["ax"].Values<float>().ToArray());
        Assert.Equal([-12.5f], batch["ay"].Values<float>().ToArray());
        Assert.Equal([3.0], batch["b"].Values<double>().ToArray());
        Assert.Equal([1], batch["on"].Values<int>().ToArray());
        Assert.Equal([-7L], batch["n"].Values<long>().ToArray());
    }

    [Fact]
    public void Texts_of_classes_are_their_places_and_go_back()
    {
        var format = new JsonFormat(new()
        {
            Columns = [JsonColumn.Channel("x", "$[*].x"), JsonColumn.Label("$[*].state", "open", "1", "true", "a\"b")],
        });
        var text = """[{"x":1,"state":"a\"b"},{"x":2,"state":1},{"x":3,"state":true},{"x":4,"state":null},{"x":5,"state":"open"}]""";
        var pool = new BatchPool();

        Assert.True(format.TryDecode(new(Encoding.UTF8.GetBytes(text)), pool, out var batch));
        using var read = batch;
        var written = new ArrayBufferWriter<byte>();
        format.Encode(read, written);

        Assert.Equal([3, 1, 2, 0], new[] { 0, 1, 2, 4 }.Select(row => read["label"].Values<int>()[row]));
        Assert.False(read["label"].IsValid(3));
        Assert.True(format.TryDecode(new(written.WrittenMemory), pool, out var again));
        using var same = again;
        Assert.Equal(read["label"].Values<int>().ToArray(), same["label"].Values<int>().ToArray());
        Assert.False(format.TryDecode(new("""[{"x":1,"state":"shut"}]"""u8.ToArray()), pool, out _, out var refusal));
        Assert.Equal(RefusalReason.UnknownClass, refusal.Reason);
    }

    [Fact]
    public void Arrays_of_numbers_are_columns_and_single_values_stand_in_every_row()
    {
        using var batch = Read(
            """{"window":[[1,2,3],[9],[4 , 5,6]],"label":2,"ts":1772366400000}""",
            new()
            {
                Columns =
                [JsonColumn.Channel("x", "$.window[0][*]"), JsonColumn.Channel("z", "$.window[2][*]"), new(Field.Label(), "$.label")],
                Time = new("$.ts", TimeUnit.Milliseconds, SamplesPerSecond: 50),
            });
        Assert.Equal([1, 2, 3], batch["x"].Values<float>().ToArray());
        Assert.Equal([4, 5, 6], batch["z"].Values<float>().ToArray());
        Assert.Equal([2, 2, 2], batch["label"].Values<int>().ToArray());
        Assert.Equal([Noon, Noon + 20_000_000, Noon + 40_000_000], batch["time"].Values<long>().ToArray());
    }

    [Fact]
    public void Objects_in_an_array_are_rows_with_a_time_each()
    {
        using var batch = Read(
            """
            {"readings":[{"t":"2026-03-01T13:00:00.5+01:00","v":1},{"v":2.5,"x":{},"t":"2026-03-01T12:00:01Z"},
            {"t":"2026-03-01T12:00:02"}]}
            """,
            new()
            {
                Columns = [new(new("v", ColumnType.Float32, Unit.One, Nullable: true), "$.readings[*].v")],
                Time = new("$.readings[*].t"),
            });
        Assert.Equal([Noon + 500_000_000, Noon + 1_000_000_000, Noon + 2_000_000_000], batch["time"].Values<long>().ToArray());
        Assert.Equal([1, 2.5f, 0], batch["v"].Values<float>().ToArray());
        Assert.Equal([true, true, false], [.. Enumerable.Range(0, 3).Select(batch["v"].IsValid)]);
    }

    [Fact]
    public void Rows_in_an_array_are_rows_by_place()
    {
        using var batch = Read(
            "[[1,2,3],[4,5,6,[7]]]",
            new() { Columns = [JsonColumn.Channel("z", "$[*][2]"), JsonColumn.Channel("x", "$[*][0]")] });
        Assert.Equal([3, 6], batch["z"].Values<float>().ToArray());
        Assert.Equal([1, 4], batch["x"].Values<float>().ToArray());
    }

    [Fact]
    public void Items_of_items_are_rows_and_values_of_the_outer_item_stand_in_each()
    {
        using var batch = Read(
            """{"site":7,"packets":[{"t":1,"s":[1,2]},{"t":2,"s":[]},{"s":[3],"t":3}]}""",
            new()
            {
                Columns = [JsonColumn.Channel("s", "$.packets[*].s[*]"), new(new("site", ColumnType.Int32, Unit.One), "$.site")],
                Time = new("$.packets[*].t", TimeUnit.Microseconds),
            });
        Assert.Equal([1, 2, 3], batch["s"].Values<float>().ToArray());
        Assert.Equal([1000, 1000, 3000], batch["time"].Values<long>().ToArray());
        Assert.Equal([7, 7, 7], batch["site"].Values<int>().ToArray());
    }

    [Fact]
    public void Null_and_absent_values_are_missing_where_they_may_be()
    {
        var format = new JsonFormat(new()
        {
            Columns =
            [
                new(new("x", ColumnType.Float32, Unit.One, Nullable: true), "$.x[*]"),
                new(new("y", ColumnType.Int32, Unit.One, Nullable: true), "$.y[*]"),
                new(new("z", ColumnType.Float64, Unit.One, Nullable: true), "$.z.deep"),
            ],
        });
        var pool = new BatchPool(guard: true);

        Assert.True(format.TryDecode(Payloads.Bytes("""{"x":[1,null,3, null],"z":null}"""), pool, out var batch));

        using (batch)
        {
            Assert.Equal([1, 0, 3, 0], batch["x"].Values<float>().ToArray());
            Assert.Equal([2, 4, 4], [batch["x"].CountMissing(), batch["y"].CountMissing(), batch["z"].CountMissing()]);
        }
    }

    [Theory, InlineData("[1,1e40,-1e400]"), InlineData("""[1,"NaN","-Infinity"]"""), InlineData("""[1,"Infinity","N\u0061N"]""")]
    public void What_is_not_finite_is_refused_or_missing(string text)
    {
        Assert.Equal(RefusalReason.NotFinite, Payloads.Refused(Payloads.Single("$[*]", nullable: true), Payloads.Bytes(text)).Reason);
        Assert.Equal(RefusalReason.NotFinite,
            Payloads.Refused(Payloads.Single("$[*]", nonFiniteIsMissing: true), Payloads.Bytes(text)).Reason);
        var missing = Payloads.Single("$[*]", nullable: true, nonFiniteIsMissing: true);
        Assert.True(missing.TryDecode(Payloads.Bytes(text), new(guard: true), out var batch));
        using (batch) { Assert.Equal(2, batch["x"].CountMissing()); }
    }

    [Fact]
    public void Rows_grow_from_payload_to_payload_and_shrink_again()
    {
        var format = new JsonFormat(new()
        {
            Columns = [JsonColumn.Channel("x", "$.x[*]"), new(new("y", ColumnType.Int64, Unit.One, Nullable: true), "$.y[*]")],
        });
        var pool = new BatchPool(guard: true);
        foreach (var rows in new[] { 3, 100, 1000, 7, 0, 64, 65 })
        {
            var text = $$"""{"x":[{{string.Join(',', Enumerable.Range(0, rows))}}],"y":[{{string.Join(", ",
                Enumerable.Range(0, rows).Select(r => r % 3 == 0 ? "null" : $"{r}"))}}]}""";
            Assert.True(format.TryDecode(Payloads.Bytes(text), pool, out var batch));
            using (batch)
            {
                Assert.Equal(Enumerable.Range(0, rows).Select(r => (float)r), batch["x"].Values<float>().ToArray());
                Assert.All(Enumerable.Range(0, rows), r => Assert.Equal(r % 3 != 0, batch["y"].IsValid(r)));
            }
        }
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void Payload_in_pieces_is_read_like_a_whole_one()
    {
        var bytes = Encoding.UTF8.GetBytes("""{"x":[1.25,-3.5,1e2,17]}""");
        for (var length = 1; length < bytes.Length; length++)
        {
            Assert.True(Payloads.Single("$.x[*]").TryDecode(Payloads.Split(bytes, length), new(guard: true), out var batch));
            using (batch) { Assert.Equal([1.25f, -3.5f, 100, 17], batch["x"].Values<float>().ToArray()); }
        }
    }

    [Fact]
    public void Every_cut_of_a_payload_is_refused()
    {
        const string Numbers = "1.25,-3.5,1e2,17";
        var bytes = Encoding.UTF8.GetBytes(
            $$$"""{"k":[{"x":[1,2,3],"d":{"e":null}}],"x":[{{{Numbers}}}, {{{Numbers}}},{{{Numbers}}},{{{Numbers}}}, {{{Numbers}}}]}""");
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(RefusalReason.BadJson, Payloads.Refused(Payloads.Single("$.x[*]"), new(bytes, 0, length)).Reason);
        }
    }

    [Fact]
    public void Mutated_payloads_are_read_or_refused_and_leave_no_memory_behind()
    {
        var format = new JsonFormat(new()
        {
            Columns = [JsonColumn.Channel("v", "$.r[*].v"), JsonColumn.Channel("s", "$.r[*].s[*]"), JsonColumn.Channel("p", "$.q[1]")],
            Time = new("$.r[*].t", TimeUnit.Seconds),
            MaxRows = 1000,
        });
        var original = Encoding.UTF8.GetBytes("""{"q":[1,2.5,"x\u00e4"],"r":[{"t":1,"v":2,"s":[1,2,3]},{"t":2.5,"v":-1e3,"s":[4]}]}""");
        var random = new RandomStream(9, "mutations");
        var pool = new BatchPool(guard: true);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = original.ToArray();
            for (var m = random.NextInt32(4); m >= 0; m--)
            {
                bytes[random.NextInt32(bytes.Length)] = random.NextInt32(2) == 0
                    ? original[random.NextInt32(original.Length)] : (byte)random.NextInt32(256);
            }
            if (format.TryDecode(new ReadOnlySequence<byte>(bytes), pool, out var batch)) { batch.Dispose(); }
        }
        Assert.Equal(0, pool.RentedBatches);
    }

    private static Batch Read(string text, JsonFormatOptions options)
    {
        var read = new JsonFormat(options).TryDecode(Payloads.Bytes(text), new(guard: true), out var batch, out var refusal);
        Assert.True(read, refusal.ToString());
        Assert.Equal(default, refusal);
        return batch!;
    }

    [Theory]
    [InlineData("\"0.5\"", true, "0.5", RefusalReason.None)]
    [InlineData("\" +007.25 \"", true, "7.25", RefusalReason.None)]
    [InlineData("1.5", true, "1.5", RefusalReason.None)]
    [InlineData("\"no\"", true, null, RefusalReason.WrongType)]
    [InlineData("\"1,5\"", true, null, RefusalReason.WrongType)]
    [InlineData("\"\"", true, null, RefusalReason.WrongType)]
    [InlineData("\"NaN\"", true, null, RefusalReason.NotFinite)]
    [InlineData("\"0.5\"", false, null, RefusalReason.WrongType)]
    public void A_text_is_a_number_only_where_it_may_be(string value, bool mayBe, string? expected, RefusalReason reason)
    {
        foreach (var json in new[] { $"{{\"x\":{value}}}", $"{{\"x\":[{value}]}}" })
        {
            var path = json.Contains('[', StringComparison.Ordinal) ? "$.x[*]" : "$.x";
            var format = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", path)], NumbersInTexts = mayBe });
            var read = format.TryDecode(Payloads.Bytes(json), new(guard: true), out var batch, out var refusal);
            Assert.Equal(expected, read ? batch!["x"].Values<float>()[0].ToString(System.Globalization.CultureInfo.InvariantCulture)
                : null);
            Assert.Equal(reason, refusal.Reason);
            batch?.Dispose();
        }
    }
}
