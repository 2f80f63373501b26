namespace StreamLearn.Operators.Tests;

/// <summary>Operators that read long batches in slices, inside <c>PerKey</c>.</summary>
public sealed class PerKeyRowsTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Rows_windowed_dropped_and_held_add_up_over_keys_after_every_call(int seed)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(
            f => f.PerKey("recording", k => k.Window(16, 13, new() { MaxOutputsPerCall = 1 }), maxKeys: 3), Streams.Sensor);
        var (rows, most) = (0L, 0.0);
        for (var round = 0; round < 3; round++)
        {
            foreach (var piece in Batches.Split(Streams.Numbered(probe.Pool, 40, 30, 51, 20), Streams.Sizes(seed).Take(15)))
            {
                rows += piece.Rows;
                probe.Send(piece);
                Assert.Equal(rows, Accounted(probe));
                most = Math.Max(most, probe.Metrics.Gauges["rows-held"]);
                probe.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.True(most > 15, $"one key alone holds up to 15 rows, got {most} of several");
        probe.Complete();
        Assert.Equal((rows, 0.0), (Accounted(probe), probe.Metrics.Gauges["rows-held"]));
    }

    [Fact]
    public void A_sliced_block_gives_each_key_what_it_gives_a_flow_of_that_key_alone()
    {
        using var keyed = OperatorProbe.Of<Batch, Batch>(
            f => f.PerKey("recording", k => k.Window(8, 4, new() { MaxOutputsPerCall = 1 })), Streams.Sensor);
        using var alone = OperatorProbe.Of<Batch, Batch>(f => f.Window(8, 4, new() { Segment = "recording" }), Streams.Sensor);
        Streams.Feed(keyed, Streams.Numbered(keyed.Pool, 100, 60, 40), [200]);
        Streams.Feed(alone, Streams.Numbered(alone.Pool, 100, 60, 40), [200]);
        Assert.Equal(Streams.Hash(alone.TakeAll<Batch>()), Streams.Hash(keyed.TakeAll<Batch>()));
    }

    [Fact]
    public void A_sample_of_each_key_may_be_read_from_one_long_batch()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(
            f => f.PerKey("recording", k => k.KeepSample(4, emitEvery: 10, maxOutputsPerCall: 1)), Streams.Sensor);
        probe.Send(Streams.Numbered(probe.Pool, 100, 50));
        Assert.Equal(15, probe.Count());
        probe.Complete();
        Assert.Equal(15, probe.Count());
    }

    private static long Accounted(OperatorProbe probe) =>
        probe.Metrics.Counter("rows-windowed") + probe.Metrics.RowsDropped.Values.Sum()
            + (long)probe.Metrics.Gauges.GetValueOrDefault("rows-held");
}
