namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class KeepBalancedTests
{
    private static readonly Schema Labelled = new(Field.Channel("x", Unit.One), Field.Label());

    [Fact]
    public void KeepBalanced_keeps_the_fraction_within_two_per_cent_and_as_many_of_each_class_as_there_are()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(0.1));
        var labels = Drawn(10_000, 0.90, 0.08, 0.02);
        probe.Send(Rows(probe.Pool, labels));
        var kept = Counts(probe);
        Assert.InRange(kept.Sum(), 980, 1020);
        Assert.Equal(10_000 - kept.Sum(), probe.Metrics.RowsDropped["over-quota"]);
        // All 200 of the rare class, and 400 each of the others, up to the noise of the estimated frequencies.
        Assert.InRange(kept[2], 0.9 * labels.Count(l => l == 2), labels.Count(l => l == 2));
        Assert.InRange(kept[0], 330, 470);
        Assert.InRange(kept[1], 330, 470);
    }

    [Fact]
    public void KeepBalanced_keeps_the_fraction_of_a_stream_that_brings_one_class_after_the_other()
    {
        foreach (var fraction in new[] { 0.05, 0.2, 0.7 })
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(fraction));
            probe.Send(Rows(probe.Pool, [.. Enumerable.Range(0, 10_000).Select(i => i / 2000)]));
            var kept = Counts(probe);
            Assert.InRange(kept.Sum(), 0.98 * fraction * 10_000, 1.02 * fraction * 10_000);
            Assert.All(kept, k => Assert.InRange(k, 0.8 * fraction * 2000, 1.2 * fraction * 2000));
        }
    }

    [Fact]
    public void KeepBalanced_keeps_everything_if_that_is_the_fraction()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(1));
        var batch = Rows(probe.Pool, Drawn(500, 0.9, 0.1));
        probe.Send(batch);
        Assert.Same(batch, probe.Take<Batch>());
    }

    [Fact]
    public void KeepBalanced_judges_windows_by_the_label_that_their_rows_agree_on()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(1, itemRows: 2, maxClasses: 3));
        probe.Send(Batches.Of(probe.Pool, Labelled, new float[13], new int?[] { 1, 1, 1, 2, null, 1, 2, 2, 3, 3, -1, -1, 0 }));
        Assert.Equal([1, 1, 2, 2], probe.Take<Batch>()["label"].Values<int>().ToArray());
        Assert.Equal((4L, 4L, 1L), (probe.Metrics.RowsDropped["unlabelled"], probe.Metrics.RowsDropped["bad-label"],
            probe.Metrics.RowsDropped["incomplete-item"]));
    }

    [Fact]
    public void KeepBalanced_gives_the_same_rows_however_they_come_in()
    {
        var kept = Enumerable.Range(1, 6).Select(seed =>
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(0.3));
            Streams.Feed(probe, Rows(probe.Pool, Drawn(900, 0.8, 0.2)), Streams.Sizes(seed).Take(40));
            return string.Join(' ', probe.TakeAll<Batch>().SelectMany(b => b["x"].Values<float>().ToArray()));
        });
        Assert.Single(kept.Distinct());
    }

    [Fact]
    public void KeepBalanced_refuses_settings_out_of_range_at_wiring()
    {
        foreach (var (label, classes, rows) in new[] { ("", 64, 1), ("label", 0, 1), ("label", 5000, 1), ("label", 64, 0) })
        {
            Assert.ThrowsAny<ArgumentException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(0.5, label, classes, rows)));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(2)));
        Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(0.5), Batches.Channels(1)));
    }

    [Fact]
    public void KeepBalanced_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepBalanced(0.3), Streams.Sensor, guard: false);
        Streams.AllocateNothing(probe, Streams.Numbered(probe.Pool, 150), 4000);
    }

    private static int[] Drawn(int rows, params double[] shares)
    {
        var random = new RandomStream(6, "labels");
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var (label, left) = (0, random.NextDouble() - shares[0]);
            while (left >= 0 && label < shares.Length - 1) { left -= shares[++label]; }
            return label;
        })];
    }

    private static Batch Rows(BatchPool pool, int[] labels) => Batches.Of(
        pool, Labelled, labels.Select((_, i) => (float)i).ToArray(), labels.Select(l => (int?)l).ToArray());

    private static int[] Counts(OperatorProbe probe)
    {
        var labels = probe.TakeAll<Batch>().SelectMany(b => b["label"].Values<int>().ToArray()).ToList();
        return [.. Enumerable.Range(0, labels.Max() + 1).Select(l => labels.Count(label => label == l))];
    }
}
