namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class WindowTests
{
    [Theory, InlineData(128, 64), InlineData(10, 10), InlineData(7, 3), InlineData(1, 1), InlineData(5, 9)]
    public void Window_cuts_the_rows_that_plain_indexing_cuts(int samples, int hop)
    {
        using var probe = Probe(samples, hop);
        Streams.Feed(probe, Streams.Numbered(probe.Pool, 1000), Streams.Sizes(1).Take(40));
        var windows = probe.TakeAll<Batch>();
        Assert.Equal(1 + ((1000 - samples) / hop), windows.Count);
        for (var w = 0; w < windows.Count; w++)
        {
            Assert.Equal(Enumerable.Range(w * hop, samples).Select(i => (float)i), windows[w]["x"].Values<float>().ToArray());
            Assert.Equal((w * hop * 20_000_000L) + ((samples - 1) * 20_000_000L), windows[w]["time"].Values<long>()[^1]);
        }
    }

    [Theory]
    [InlineData(32, 12), InlineData(32, 32), InlineData(7, 3), InlineData(100, 1), InlineData(20, 33)]
    [InlineData(1, 1)]
    public void Window_gives_the_same_bits_however_the_rows_come_in(int samples, int hop)
    {
        var hashes = Enumerable.Range(0, 13).Select(seed =>
        {
            using var probe = Probe(samples, hop, "recording");
            Streams.Feed(probe, Streams.Numbered(probe.Pool, 333, 5, 32, 31, 200), seed == 0 ? [] : Streams.Sizes(seed).Take(60));
            return Streams.Hash(probe.TakeAll<Batch>());
        });
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void A_batch_too_long_for_one_call_continues_after_a_restart() => OperatorContract.CheckScript(
        () => Probe(4, 1), probe => Streams.Feed(probe, Streams.Numbered(probe.Pool, 500), []));

    [Fact]
    public void Window_never_spans_two_segments()
    {
        using var probe = Probe(16, 4, "recording");
        Streams.Feed(probe, Streams.Numbered(probe.Pool, 50, 15, 16, 90), []);
        var windows = probe.TakeAll<Batch>();
        Assert.Equal((1 + (34 / 4)) + 0 + 1 + (1 + (74 / 4)), windows.Count);
        Assert.All(windows, w => Assert.Equal(w["recording"].Values<int>()[0], w["recording"].Values<int>()[^1]));
        Assert.Equal(65f, windows.First(w => w["recording"].Values<int>()[0] == 3)["x"].Values<float>()[0]);
    }

    [Fact]
    public void Window_restarts_where_a_missing_segment_begins_or_ends()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), new Field("recording", ColumnType.Int32, Unit.One, Nullable: true));
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Window(2, 2, new() { Segment = "recording" }), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new float[] { 0, 1, 2, 3, 4, 5, 6 }, new int?[] { 1, null, null, null, 0, 0, 1 }));
        probe.Complete();
        Assert.Equal([1f, 4f], probe.TakeAll<Batch>().Select(w => w["x"].Values<float>()[0]));
        Assert.Equal(3, probe.Metrics.RowsDropped["incomplete-window"]);
    }

    [Fact]
    public void Window_restarts_where_a_batch_begins_with_another_segment()
    {
        using var probe = Probe(3, 3, "recording");
        var schema = new Schema(Field.Channel("x", Unit.One), new Field("recording", ColumnType.Int32, Unit.One));
        probe.Send(Batches.Of(probe.Pool, schema, new float[] { 0, 1 }, new[] { 1, 1 }));
        probe.Send(Batches.Of(probe.Pool, schema, new float[] { 2, 3, 4 }, new[] { 2, 2, 2 }));
        Assert.Equal([2f, 3, 4], probe.Take<Batch>()["x"].Values<float>().ToArray());
        Assert.Equal(2, probe.Metrics.RowsDropped["incomplete-window"]);
    }

    [Theory, InlineData(128, 64), InlineData(20, 1), InlineData(20, 33), InlineData(20, 20)]
    public void Window_accounts_for_each_row_once_at_any_moment(int samples, int hop)
    {
        using var probe = Probe(samples, hop, "recording");
        foreach (var piece in Batches.Split(Streams.Numbered(probe.Pool, 300, 10, 127, 500, 128), Streams.Sizes(5).Take(50)))
        {
            probe.Send(piece);
            AssertLedger(probe);
            probe.Advance(TimeSpan.Zero);
            AssertLedger(probe);
        }

        probe.Complete();
        AssertLedger(probe);
        Assert.Equal(0, probe.Metrics.Gauges["rows-held"]);
        Assert.Equal(1065, probe.Metrics.RowsIn);
    }

    [Fact]
    public void Window_counts_by_name_what_ends_in_no_window()
    {
        using var probe = Probe(10, 15, "recording");
        Streams.Feed(probe, Streams.Numbered(probe.Pool, 32, 4), []);
        Assert.Equal(20, probe.Metrics.Counter("rows-windowed"));
        Assert.Equal(5 + 5, probe.Metrics.RowsDropped["between-windows"]);
        Assert.Equal(2 + 4, probe.Metrics.RowsDropped["incomplete-window"]);
    }

    [Fact]
    public void Window_reads_a_long_batch_in_slices_and_closes_its_input_meanwhile()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Window(10, 5, new() { MaxOutputsPerCall = 4 }));
        probe.Send(Streams.Numbered(probe.Pool, 100));
        Assert.Equal(4, probe.Count());
        Assert.False(probe.Ready);
        AssertLedger(probe);
        probe.Advance(TimeSpan.Zero);
        Assert.True(probe.Ready);
        Assert.Equal(19, probe.Count());
        AssertLedger(probe);
    }

    [Fact]
    public void Window_ended_in_the_middle_of_a_long_batch_still_accounts_for_its_rows()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Window(10, 5, new() { MaxOutputsPerCall = 1 }));
        probe.Send(Streams.Numbered(probe.Pool, 100));
        probe.Complete();
        AssertLedger(probe);
        Assert.Equal(0, probe.Metrics.Gauges["rows-held"]);
    }

    [Fact]
    public void Window_drops_empty_batches_and_other_schemas_by_name()
    {
        using var probe = Probe(4, 4);
        probe.Send(Streams.Numbered(probe.Pool, 0));
        probe.Send(Batches.OfChannels(probe.Pool, [1f, 2f]));
        probe.Send(Streams.Numbered(probe.Pool, 1));
        Assert.Equal(1, probe.Metrics.Drops["empty"]);
        Assert.Equal(2, probe.Metrics.RowsDropped["schema"]);
        Assert.Equal(1, probe.Metrics.Gauges["rows-held"]);
        Assert.EndsWith(", 1 rows-held", probe.Metrics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Window_without_its_segment_column_is_refused_at_wiring_or_dropped()
    {
        var error = Assert.Throws<PipelineDefinitionException>(
            () => OperatorProbe.Of<Batch, Batch>(f => f.Window(4, 4, new() { Segment = "trip" }), Streams.Sensor));
        Assert.Contains("expected a column 'trip'", error.Message, StringComparison.Ordinal);
        using var probe = Probe(4, 4, "trip");
        probe.Send(Streams.Numbered(probe.Pool, 9));
        Assert.Equal(9, probe.Metrics.RowsDropped["schema"]);
    }

    [Theory, InlineData(0, 1, 1), InlineData(1, 0, 1), InlineData(1, 1, 0), InlineData((1 << 24) + 1, 1, 1)]
    public void Window_refuses_sizes_out_of_range_at_wiring(int samples, int hop, int outputs) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => OperatorProbe.Of<Batch, Batch>(f => f.Window(samples, hop, new() { MaxOutputsPerCall = outputs })));

    [Fact]
    public void Window_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(
            f => f.Window(128, 64, new() { Segment = "recording" }), Streams.Sensor, guard: false);
        Streams.AllocateNothing(probe, Streams.Numbered(probe.Pool, 50), 2000);
    }

    private static OperatorProbe Probe(int samples, int hop, string? segment = null) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Window(samples, hop, new() { Segment = segment }));

    private static void AssertLedger(OperatorProbe probe) =>
        Assert.Equal(probe.Metrics.RowsIn,
            probe.Metrics.Counter("rows-windowed") + probe.Metrics.RowsDropped.Values.Sum() + (long)probe.Metrics.Gauges["rows-held"]);
}
