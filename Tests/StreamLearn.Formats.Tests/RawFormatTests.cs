namespace StreamLearn.Formats.Tests;

public sealed class RawFormatTests
{
    private static readonly Field Maybe = new("x", ColumnType.Float32, Unit.One, Nullable: true);

    private static readonly RawFormatOptions Two = new()
    {
        Columns = [new(Field.Channel("x", Unit.One), 0.5, 1), new(new("n", ColumnType.Int32, Unit.One))],
        Number = RawNumber.Int16,
    };

    [Theory]
    [InlineData(false, "0100 FDFF 0200 0080")]
    [InlineData(true, "0100 0200 FDFF 0080")]
    public void Integers_are_scaled_and_lie_row_by_row_or_column_by_column(bool isPlanar, string hex)
    {
        var bytes = Hex(hex);
        using var batch = Read(new(Two with { IsPlanar = isPlanar }), bytes);
        Assert.Equal([1.5f, 2], batch["x"].Values<float>().ToArray());
        Assert.Equal([-3, short.MinValue], batch["n"].Values<int>().ToArray());
        Assert.Equal(bytes, RoundTripTests.Encoded(new RawFormat(Two with { IsPlanar = isPlanar }), batch));
    }

    [Fact]
    public void Floats_of_either_width_are_little_endian()
    {
        using var single = Read(new(new() { Columns = [new(Field.Channel("x", Unit.One))] }), Hex("0000C03F 00000080"));
        using var wide = Read(
            new(new() { Columns = [new(Field.Channel("x", Unit.One))], Number = RawNumber.Float64 }),
            Hex("000000000000F83F 9A9999999999B93F"));
        using var whole = Read(
            new(new() { Columns = [new(new("x", ColumnType.Int64, Unit.One))], Number = RawNumber.Int32 }), Hex("FFFFFF7F 00000080"));
        Assert.Equal([1.5f, -0f], single["x"].Values<float>().ToArray());
        Assert.True(float.IsNegative(single["x"].Values<float>()[1]));
        Assert.Equal([1.5f, 0.1f], wide["x"].Values<float>().ToArray());
        Assert.Equal([int.MaxValue, int.MinValue], whole["x"].Values<long>().ToArray());
    }

    [Fact]
    public void Time_begins_at_the_stamp_or_at_a_set_value_and_goes_on_by_the_rate()
    {
        var stamped = new RawFormat(Two with { SamplesPerSecond = 4, Stamp = TimeUnit.Milliseconds });
        var started = new RawFormat(Two with { SamplesPerSecond = 4, StartNanoseconds = 7 });
        var bytes = Hex("E803000000000000 0100 FDFF 0200 0080 0300 0000");
        using var batch = Read(stamped, bytes);
        using var other = Read(started, bytes[8..]);
        Assert.Equal([1_000_000_000, 1_250_000_000, 1_500_000_000], batch["time"].Values<long>().ToArray());
        Assert.Equal([7, 250_000_007, 500_000_007], other["time"].Values<long>().ToArray());
        Assert.Equal(bytes, RoundTripTests.Encoded(stamped, batch));
        Assert.Equal(bytes[8..], RoundTripTests.Encoded(started, other));
    }

    [Fact]
    public void What_is_not_finite_is_refused_or_missing()
    {
        var options = new RawFormatOptions { Columns = [new(Maybe)], Number = RawNumber.Float64 };
        var bytes = Hex("000000000000F83F 000000000000F87F 000000000000F07F FFFFFFFFFFFFEF7F");
        Assert.Equal("not finite at byte 8, column 'x'", Payloads.Refused(new RawFormat(options), new(bytes)).ToString());
        using var batch = Read(new(options with { NonFiniteIsMissing = true }), bytes);
        Assert.Equal((3, true), (batch["x"].CountMissing(), batch["x"].IsValid(0)));
    }

    [Theory]
    [InlineData(false, 1, 2, "byte 28, column 'y'")]
    [InlineData(false, 0, 1, "byte 16, column 'x'")]
    [InlineData(true, 1, 1, "byte 24, column 'y'")]
    [InlineData(true, 0, 1, "byte 12, column 'x'")]
    public void A_refusal_behind_a_stamp_says_the_byte_of_the_payload(bool isPlanar, int column, int row, string where)
    {
        var format = new RawFormat(new()
        {
            Columns = [new(Field.Channel("x", Unit.One)), new(Field.Channel("y", Unit.One))],
            IsPlanar = isPlanar,
            SamplesPerSecond = 4,
            Stamp = TimeUnit.Seconds,
        });
        var bytes = new byte[8 + (3 * 2 * 4)];
        var at = 8 + (4 * (isPlanar ? (column * 3) + row : (row * 2) + column));
        BitConverter.TryWriteBytes(bytes.AsSpan(at), float.NaN);

        var refusal = Payloads.Refused(format, new(bytes));

        Assert.Equal(($"not finite at {where}", (long)at), (refusal.ToString(), refusal.Position));
    }

    [Fact]
    public void As_many_rows_as_allowed_are_read_and_one_more_is_refused()
    {
        var format = new RawFormat(Two with { MaxRows = 3, SamplesPerSecond = 1, Stamp = TimeUnit.Seconds });
        using (var batch = Read(format, new byte[8 + (3 * 4)])) { Assert.Equal(3, batch.Rows); }
        Assert.Equal("too many rows at byte 24", Payloads.Refused(format, new(new byte[8 + (4 * 4)])).ToString());
    }

    [Theory, InlineData(0, 0, "wrong length at byte 0"), InlineData(0, 11, "wrong length at byte 11")]
    [InlineData(0, 15, "wrong length at byte 15"), InlineData(0, 13, "wrong length at byte 13")]
    [InlineData(2, 12, "wrong length at byte 12"), InlineData(0, 24, "too many rows at byte 24")]
    public void Payloads_of_a_wrong_length_are_refused(int rows, int bytes, string expected)
    {
        var format = new RawFormat(Two with { Rows = rows, MaxRows = 3, SamplesPerSecond = 1, Stamp = TimeUnit.Seconds });
        Assert.Equal(expected, Payloads.Refused(format, new(new byte[bytes])).ToString());
        Assert.Equal(1, Enum.GetValues<RefusalReason>().Sum(format.Refused));
    }

    [Fact]
    public void Time_that_nanoseconds_do_not_span_is_refused() => Assert.Equal(RefusalReason.BadTime,
        Payloads.Refused(new RawFormat(Two with { SamplesPerSecond = 1, Stamp = TimeUnit.Seconds }),
            new(Hex("0000000000000010 0100 0100"))).Reason);

    [Fact]
    public void Payload_in_pieces_is_read_like_a_whole_one()
    {
        var bytes = Hex("0100 FDFF 0200 0080");
        for (var length = 1; length < bytes.Length; length++)
        {
            Assert.True(new RawFormat(Two).TryDecode(Payloads.Split(bytes, length), new(guard: true), out var batch));
            using (batch) { Assert.Equal([1.5f, 2], batch["x"].Values<float>().ToArray()); }
        }
    }

    [Fact]
    public void Integers_written_are_rounded_and_bounded_and_missing_is_zero()
    {
        var format = new RawFormat(new() { Columns = [new(Maybe, 0.5)], Number = RawNumber.Int16 });
        using var batch = Batches.Of(new(), format.Schema, new float?[] { 0.7f, -1e9f, 1e9f, null });
        Assert.Equal(Hex("0100 0080 FF7F 0000"), RoundTripTests.Encoded(format, batch));
    }

    [Fact]
    public void Options_and_batches_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RawFormat(Two with { Columns = [] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RawFormat(Two with { Rows = 2, MaxRows = 1 }));
        Assert.Throws<ArgumentException>(() => new RawFormat(Two with { Columns = [new(Field.Channel("x", Unit.One), Scale: 0)] }));
        Assert.Throws<ArgumentException>(() => new RawFormat(Two with { SamplesPerSecond = double.PositiveInfinity }));
        Assert.Throws<ArgumentException>(() => new RawFormat(Two with { SamplesPerSecond = 1, Stamp = TimeUnit.Iso8601 }));
        using var batch = Read(new(Two), Hex("0100 FDFF"));
        Assert.Throws<ArgumentException>(() => RoundTripTests.Encoded(new RawFormat(Two with { Rows = 2 }), batch));
        Assert.Throws<SchemaException>(() => RoundTripTests.Encoded(new RawFormat(Two with { SamplesPerSecond = 1 }), batch));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static Batch Read(RawFormat format, byte[] bytes)
    {
        Assert.True(format.TryDecode(new(bytes), new(guard: true), out var batch, out var refusal), refusal.ToString());
        return batch!;
    }
}
