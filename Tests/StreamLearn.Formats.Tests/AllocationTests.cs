namespace StreamLearn.Formats.Tests;

public sealed class AllocationTests
{
    private const int Warm = 200, Counted = 200;

    [Theory]
    [InlineData("""{"ts":1772366400,"w":[[1,2.5,-3e2],[4,5,6]],"r":[{"n":1},{"n":2},{"n":null}]}""")]
    [InlineData("""{"ts":1772366400,"w":[[1,2.5,-3e2],[4,5]],"r":[]}""")]
    public void Payload_costs_no_allocation_read_or_refused(string text)
    {
        var format = new JsonFormat(new()
        {
            Columns =
            [
                JsonColumn.Channel("x", "$.w[0][*]"), JsonColumn.Channel("y", "$.w[1][*]"),
                new(new("n", ColumnType.Int32, Unit.One, Nullable: true), "$.r[*].n"),
            ],
            Time = new("$.ts", TimeUnit.Seconds, SamplesPerSecond: 50),
        });
        var bytes = Encoding.UTF8.GetBytes(text);

        Assert.InRange(Allocated(format, new(bytes)), 0, 256);
        Assert.InRange(Allocated(format, Payloads.Split(bytes, 7)), 0, 256);
    }

    [Fact]
    public void Rows_of_numbers_cost_no_allocation()
    {
        var format = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$[*][0]"), JsonColumn.Channel("y", "$[*][1]")] });
        Assert.InRange(Allocated(format, Payloads.Bytes("[[1,2],[3,4],[5,true]]")), 0, 256);
        Assert.InRange(Allocated(format, Payloads.Bytes("[[1,2],[3,4],[5,6]]")), 0, 256);
    }

    [Fact]
    public void Raw_payload_costs_no_allocation_read_or_refused()
    {
        var format = new RawFormat(new()
        {
            Columns = [new(Field.Channel("x", Unit.One)), new(Field.Channel("y", Unit.One))],
            SamplesPerSecond = 50,
        });
        var bytes = new byte[64];
        Assert.InRange(Allocated(format, new(bytes)), 0, 256);
        Assert.InRange(Allocated(format, Payloads.Split(bytes, 7)), 0, 256);
        Assert.InRange(Allocated(format, new(bytes, 0, 63)), 0, 256);
    }

    [Fact]
    public void Writing_costs_no_allocation()
    {
        var pool = new BatchPool();
        var format = Payloads.Single("$.x[*]");
        Assert.True(format.TryDecode(Payloads.Bytes("""{"x":[1.5,-2e-7,3]}"""), pool, out var batch));
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (batch)
        {
            Assert.InRange(Allocated(pool, () =>
            {
                buffer.ResetWrittenCount();
                format.Encode(batch, buffer);
            }), 0, 256);
        }
    }

    private static long Allocated(ICodec<Batch> format, ReadOnlySequence<byte> bytes)
    {
        var pool = new BatchPool();
        return Allocated(pool, () => { if (format.TryDecode(bytes, pool, out var batch)) { batch.Dispose(); } });
    }

    private static long Allocated(BatchPool pool, Action work)
    {
        for (var i = 0; i < Warm; i++) { work(); }
        return Allocations.BesideHandles(pool, () =>
        {
            for (var i = 0; i < Counted; i++) { work(); }
        });
    }
}
