namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class DropNonFiniteTests
{
    [Fact]
    public void DropNonFinite_removes_just_the_rows_with_a_bad_channel()
    {
        using var probe = Probe();
        var batch = Streams.Numbered(probe.Pool, 20);
        batch["x"].Writable<float>()[3] = float.NaN;
        batch["y"].Writable<float>()[3] = float.NegativeInfinity;
        batch["y"].Writable<float>()[19] = float.PositiveInfinity;
        batch["x"].Writable<float>()[0] = float.NaN;
        probe.Send(batch);
        var result = probe.Take<Batch>();
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i is not (0 or 3 or 19)).Select(i => i * 20_000_000L),
            result["time"].Values<long>().ToArray());
        Assert.Equal((17, 3), (result.Rows, probe.Metrics.RowsDropped["non-finite"]));
    }

    [Fact]
    public void DropNonFinite_passes_clean_batches_uncopied()
    {
        using var probe = Probe();
        var batch = Streams.Numbered(probe.Pool, 20);
        probe.Send(batch);
        Assert.Same(batch, probe.Take<Batch>());
        Assert.Empty(probe.Metrics.RowsDropped);
    }

    [Fact]
    public void DropNonFinite_drops_batches_without_a_good_row()
    {
        using var probe = Probe();
        probe.Send(Batches.OfChannels(probe.Pool, [float.NaN, float.NaN]));
        probe.Send(Batches.OfChannels(probe.Pool, [[]]));
        Assert.Equal((0, 2, 1), (probe.Count(), probe.Metrics.RowsDropped["non-finite"], probe.Metrics.Drops["empty"]));
    }

    [Fact]
    public void DropNonFinite_does_not_look_behind_missing_values()
    {
        var schema = new Schema(new Field("x", ColumnType.Float32, Unit.One, Nullable: true));
        using var probe = Probe();
        var batch = Batches.Of(probe.Pool, schema, new float?[] { 1, float.NaN, float.NaN });
        batch["x"].SetValid(1, false);
        probe.Send(batch);
        var result = probe.Take<Batch>();
        Assert.Equal((2, true, false), (result.Rows, result["x"].IsValid(0), result["x"].IsValid(1)));
    }

    [Fact]
    public void DropNonFinite_gives_the_same_rows_however_they_come_in()
    {
        var hashes = Enumerable.Range(1, 6).Select(seed =>
        {
            using var probe = Probe();
            var batch = Streams.Numbered(probe.Pool, 500);
            for (var i = 0; i < 500; i += 7) { batch["y"].Writable<float>()[i] = float.NaN; }
            Streams.Feed(probe, batch, Streams.Sizes(seed).Take(30));
            return string.Join(' ', probe.TakeAll<Batch>().SelectMany(b => b["x"].Values<float>().ToArray()));
        });
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void DropNonFinite_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.DropNonFinite(), Streams.Sensor, guard: false);
        var source = Streams.Numbered(probe.Pool, 50);
        source["x"].Writable<float>()[7] = float.NaN;
        Streams.AllocateNothing(probe, source);
    }

    private static OperatorProbe Probe() => OperatorProbe.Of<Batch, Batch>(f => f.DropNonFinite());
}
