namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class KeepSampleTests
{
    [Fact]
    public void KeepSample_keeps_each_row_equally_often()
    {
        var kept = new int[100];
        for (var seed = 0; seed < 2000; seed++)
        {
            using var probe = Probe(10, 1000, seed);
            Streams.Feed(probe, Streams.Numbered(probe.Pool, 100), []);
            foreach (var row in probe.Take<Batch>()["x"].Values<float>()) { kept[(int)row]++; }
        }
        // 2000 draws with p = 0.1: mean 200, deviation 13.4; χ² over 100 cells, scaled by 1 − p, has mean 99 and deviation 14.1.
        var chiSquare = kept.Sum(k => (k - 200.0) * (k - 200.0) / 200) / 0.9;
        Assert.InRange(chiSquare, 99 - (4 * 14.1), 99 + (4 * 14.1));
    }

    [Fact]
    public void KeepSample_holds_distinct_rows_of_the_input()
    {
        using var probe = Probe(32, 1000, 1);
        using var input = Streams.Numbered(probe.Pool, 500);
        Streams.Feed(probe, input.Retain(), Streams.Sizes(3).Take(20));
        var sample = probe.Take<Batch>();
        var rows = sample["x"].Values<float>().ToArray();
        Assert.Equal((32, 32), (sample.Rows, rows.Distinct().Count()));
        for (var i = 0; i < 32; i++)
        {
            Assert.Equal(input["y"].Values<float>()[(int)rows[i]], sample["y"].Values<float>()[i]);
            Assert.Equal(input["label"].IsValid((int)rows[i]), sample["label"].IsValid(i));
        }
    }

    [Fact]
    public void KeepSample_gives_the_same_bits_however_the_rows_come_in()
    {
        var hashes = Enumerable.Range(1, 8).Select(seed =>
        {
            using var probe = Probe(20, 64, 5);
            Streams.Feed(probe, Streams.Numbered(probe.Pool, 700), Streams.Sizes(seed).Take(40));
            var samples = probe.TakeAll<Batch>();
            Assert.Equal(11, samples.Count);
            return Streams.Hash(samples);
        });
        Assert.Single(hashes.Distinct());
    }

    [Theory]
    [InlineData(10, 100, 1, 1, 0)]          // a short input: what there is
    [InlineData(10, 50, 100, 2, 90)]        // at the end only what is new
    [InlineData(10, 7, 100, 15, 90)]
    public void KeepSample_emits_at_each_pause_and_at_the_end_and_counts_every_row_that_leaves(
        int capacity, int every, int rows, int samples, int left)
    {
        using var probe = Probe(capacity, every, 1);
        Streams.Feed(probe, Streams.Numbered(probe.Pool, rows), []);
        Assert.Equal((samples, left), (probe.Count(), probe.Metrics.RowsDropped.GetValueOrDefault("not-sampled")));
        Assert.Equal(Math.Min(rows, Math.Min(capacity, every)), probe.Take<Batch>().Rows);
    }

    [Fact]
    public void KeepSample_reads_a_long_batch_in_slices()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepSample(4, emitEvery: 10, maxOutputsPerCall: 3));
        probe.Send(Streams.Numbered(probe.Pool, 100));
        Assert.Equal((3, false), (probe.Count(), probe.Ready));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal((10, true), (probe.Count(), probe.Ready));
    }

    [Fact]
    public void KeepSample_ended_in_the_middle_of_a_long_batch_still_offers_every_row()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepSample(4, emitEvery: 10, maxOutputsPerCall: 3));
        probe.Send(Streams.Numbered(probe.Pool, 100));
        probe.Complete();
        Assert.Equal((4, 96), (probe.Count(), probe.Metrics.RowsDropped["not-sampled"]));
    }

    [Fact]
    public void KeepSample_drops_empty_batches_and_other_schemas_by_name()
    {
        using var probe = Probe(10, 50, 1);
        probe.Send(Streams.Numbered(probe.Pool, 0));
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        probe.Complete();
        Assert.Equal((1, 1, 0), (probe.Metrics.Drops["empty"], probe.Metrics.Drops["schema"], probe.Count()));
    }

    [Theory, InlineData(0, 1, 1), InlineData(1, 0, 1), InlineData(1, 1, 0)]
    public void KeepSample_refuses_sizes_out_of_range_at_wiring(int capacity, int every, int outputs) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            OperatorProbe.Of<Batch, Batch>(f => f.KeepSample(capacity, emitEvery: every, maxOutputsPerCall: outputs)));

    [Fact]
    public void KeepSample_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepSample(64, emitEvery: 100), Streams.Sensor, guard: false);
        Streams.AllocateNothing(probe, Streams.Numbered(probe.Pool, 50));
    }

    private static OperatorProbe Probe(int capacity, int every, long seed) =>
        OperatorProbe.Of<Batch, Batch>(f => f.KeepSample(capacity, emitEvery: every), seed: seed);
}
