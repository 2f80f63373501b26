namespace StreamLearn.Formats.Tests;

public sealed class CsvFormatTests
{
    private static readonly CsvOptions Two = new()
    {
        Columns = [FileColumn.Channel("x"), FileColumn.Label("state", "good", "worn")],
        Header = false,
        BatchRows = 4,
    };

    [Theory, InlineData("1,good\n2.5,worn\n"), InlineData("1,good\r\n2.5,worn"), InlineData("\n1,\"good\"\n\n2.5,worn\n\n")]
    public void Lines_are_rows_in_the_order_of_columns(string text)
    {
        using var batch = Read(new(Two), text);
        Assert.Equal([1, 2.5f], batch["x"].Values<float>().ToArray());
        Assert.Equal([0, 1], batch["label"].Values<int>().ToArray());
    }

    [Fact]
    public void With_a_header_columns_are_found_by_their_names()
    {
        using var batch = Read(new(Two with { Header = true, Delimiter = ';', DecimalComma = true }), "n;state;x\n7;worn;1,5\n");
        Assert.Equal(1.5f, batch["x"].Values<float>()[0]);
        Assert.Equal(1, batch["label"].Values<int>()[0]);
    }

    [Theory]
    [InlineData("1,good\n2,broken\n", RefusalReason.UnknownClass, "state")]
    [InlineData("z,good\n", RefusalReason.WrongType, "x")]
    [InlineData(",good\n", RefusalReason.MissingValue, "x")]
    [InlineData("1e99,good\n", RefusalReason.NotFinite, "x")]
    [InlineData("1,good,2\n", RefusalReason.UnequalLengths, null)]
    [InlineData("1,\"good\n", RefusalReason.BadCsv, null)]
    [InlineData("1,good\n1,good\n1,good\n1,good\n1,good", RefusalReason.TooManyRows, null)]
    public void A_payload_of_which_a_row_cannot_be_read_is_refused_and_counted(string text, RefusalReason reason, string? column)
    {
        var format = new CsvFormat(Two);
        Assert.False(format.TryDecode(Bytes(text), new(), out _, out var refusal));
        Assert.Equal((reason, column), (refusal.Reason, refusal.Column));
        Assert.Equal((1, refusal), (format.Refused(reason), format.LastRefusal));
        Read(format, "1,good\n2,good\n3,good\n4,good\n").Dispose();
    }

    [Fact]
    public void A_header_that_does_not_name_the_columns_is_refused() =>
        Assert.False(new CsvFormat(Two with { Header = true }).TryDecode(Bytes("y,state\n1,good\n"), new(), out _));

    [Theory, InlineData(false), InlineData(true)]
    public void What_is_written_is_read_again(bool header)
    {
        var format = new CsvFormat(Two with { Header = header });
        var (bytes, text) = (new ArrayBufferWriter<byte>(), "1.25,good\n-3,worn\n");
        using (var batch = Read(format, header ? "x,state\n" + text : text)) { format.Encode(batch, bytes); }
        Assert.Equal(header ? "x,state\n" + text : text, Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    [Fact]
    public void Payloads_are_read_without_allocation_but_the_handle()
    {
        var (format, pool, bytes) = (new CsvFormat(Two), new BatchPool(), Bytes("1,good\n2,worn\n3,good\n"));
        for (var i = 0; i < 100; i++) { Decode(); }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) { Decode(); }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);

        void Decode()
        {
            Assert.True(format.TryDecode(bytes, pool, out var batch));
            batch.Dispose();
        }
    }

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static Batch Read(CsvFormat format, string text)
    {
        Assert.True(format.TryDecode(Bytes(text), new(), out var batch, out var refusal), refusal.ToString());
        return batch;
    }
}
