using StreamLearn.Samples;

namespace StreamLearn.Simulation.Tests;

public sealed class FaultTests
{
    private static readonly Schema Columns = new(Field.Time(), Field.Channel("x", Unit.One), Field.Channel("y", Unit.One));
    private static readonly Schema Timeless = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One));

    [Fact]
    public void StickAxis_repeats_the_first_value_of_its_channel_and_leaves_the_others()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.StickAxis("x"));
        probe.Send(Batches.Of(probe.Pool, Timeless, new[] { 5f, 6f }, new[] { 1f, 2f }));
        probe.Send(Batches.Of(probe.Pool, Timeless, new[] { 7f, float.NaN }, new[] { 3f, 4f }));
        Assert.Equal([5f, 5, 5, 5], Values(probe, "x", out var others));
        Assert.Equal([1f, 2, 3, 4], others);
    }

    [Theory, InlineData(0, 10f, 10f, 10f, 10f, 10f, 10f), InlineData(1, 10f, 11f, 11f, 11f, 11f, 11f)]
    [InlineData(2.5, 10f, 11f, 12f, 13f, 13f, 13f), InlineData(9, 10f, 11f, 12f, 13f, 14f, 15f)]
    public void StickAxis_sticks_from_a_moment_after_the_first_row_on(double from, params float[] expected)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.StickAxis("x", TimeSpan.FromSeconds(from)));
        for (var i = 0; i < 3; i++)
        {
            long[] times = [(77 + (2 * i)) * 1_000_000_000L, (78 + (2 * i)) * 1_000_000_000L];
            probe.Send(Batches.Of(probe.Pool, Columns, times, new[] { 10f + (2 * i), 11f + (2 * i) }, new[] { 0f, 0f }));
        }
        Assert.Equal(expected, Values(probe, "x", out _));
    }

    [Fact]
    public void ShiftClock_adds_to_every_event_time_and_nothing_else()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.ShiftClock(TimeSpan.FromHours(1)));
        probe.Send(Batches.Of(probe.Pool, Columns, new[] { 5L, 7L }, new[] { 1f, 2f }, new[] { 3f, 4f }));
        using var batch = probe.Take<Batch>();
        Assert.Equal([3_600_000_000_005L, 3_600_000_000_007L], batch["time"].Values<long>().ToArray());
        Assert.Equal([1f, 2f], batch["x"].Values<float>().ToArray());
    }

    [Fact]
    public void Faults_leave_a_batch_that_others_hold_as_it_was()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.ShiftClock(TimeSpan.FromSeconds(-1)));
        using var stick = OperatorProbe.Of<Batch, Batch>(f => f.StickAxis("x"));
        foreach (var p in new[] { probe, stick })
        {
            using var held = Batches.Of(p.Pool, Columns, new[] { 5L, 7L }, new[] { 1f, 2f }, new[] { 3f, 4f });
            p.Send(held.Retain());
            Assert.Equal([5L, 7L], held["time"].Values<long>().ToArray());
            Assert.Equal([1f, 2f], held["x"].Values<float>().ToArray());
        }
    }

    [Fact]
    public void Faults_drop_batches_without_their_column_and_pass_empty_ones()
    {
        using var clock = OperatorProbe.Of<Batch, Batch>(f => f.ShiftClock(TimeSpan.FromSeconds(1)));
        using var late = OperatorProbe.Of<Batch, Batch>(f => f.StickAxis("x", TimeSpan.FromSeconds(1)));
        using var other = OperatorProbe.Of<Batch, Batch>(f => f.StickAxis("z"));
        foreach (var p in new[] { clock, late, other })
        {
            p.Send(Batches.Of(p.Pool, Timeless, new[] { 1f }, new[] { 2f }));
            Assert.Equal((0, 1), (p.Count(), p.Metrics.RowsDropped["schema"]));
        }
        clock.Send(clock.Pool.Rent(Columns, 0));
        late.Send(late.Pool.Rent(Columns, 0));
        Assert.Equal((1, 1), (clock.Count(), late.Count()));
    }

    [Fact]
    public void Faults_are_refused_at_wiring_where_the_columns_are_known_or_the_numbers_absurd()
    {
        Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("a", p => p.FromHarStream().StickAxis("acc w").Discard()));
        Assert.Throws<PipelineDefinitionException>(() =>
            Pipeline.Define("a", p => p.FromGlyphDigits(GlyphDigits.Generate(1, 1)).ShiftClock(TimeSpan.Zero).Discard()));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Pipeline.Define("a", p => p.FromHarStream().StickAxis("acc x", TimeSpan.FromSeconds(-1)).Discard()));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Pipeline.Define("a", p => p.FromHarStream().ShiftClock(TimeSpan.FromDays(40_000)).Discard()));
    }

    private static float[] Values(OperatorProbe probe, string column, out float[] others)
    {
        var batches = probe.TakeAll<Batch>();
        others = [.. batches.SelectMany(b => b["y"].Values<float>().ToArray())];
        return [.. batches.SelectMany(b => b[column].Values<float>().ToArray())];
    }
}
