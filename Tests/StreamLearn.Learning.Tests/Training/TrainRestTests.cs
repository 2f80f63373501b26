using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>Devices that have learned from their rows as often as they may, and rows that are not learned from.</summary>
public sealed class TrainRestTests
{
    private static readonly TrainOptions Continuous = new() { StartAfterRows = 2, BatchRows = 1, StepsPerUpdate = 256, Continuous = true };

    [Fact]
    public void A_continuous_device_rests_once_its_rows_were_visited_often_enough_and_says_so_once()
    {
        using var probe = Probe(Continuous with { MaxVisits = 600 });
        Send(probe, [1, 2]);
        while (probe.WakeUp()) { }
        var updates = probe.TakeAll<WeightDelta>();
        Assert.Equal([256, 256, 256, 256, 256, 0], updates.Select(static u => u.Steps));       // 1,280 steps: 2 x 600, and the round's rest
        Assert.True(updates[^1].Resting);
        Assert.All(updates.SkipLast(1), static u => Assert.False(u.Resting));
        probe.Control(Version(1));
        Assert.False(probe.WakeUp());
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void A_device_that_has_steps_left_which_it_may_not_make_rests_too()
    {
        using var probe = Probe(Continuous with { Continuous = false, StepsPerRow = 2000, MaxVisits = 600 });
        Send(probe, [1, 2]);
        while (probe.WakeUp()) { }
        var updates = probe.TakeAll<WeightDelta>();
        Assert.Equal([256, 256, 256, 256, 256, 0], updates.Select(static u => u.Steps));
        Assert.True(updates[^1].Resting);
    }

    [Fact]
    public void Rows_that_come_wake_a_device_that_rests()
    {
        using var probe = Probe(Continuous with { MaxVisits = 600 });
        Send(probe, [1, 2]);
        while (probe.WakeUp()) { }
        probe.TakeAll<WeightDelta>();
        Send(probe, [3]);
        while (probe.WakeUp()) { }
        var updates = probe.TakeAll<WeightDelta>();
        Assert.Equal([256, 256, 256, 0], updates.Select(static u => u.Steps));       // 2,048 steps: 3 x 600, and the round's rest
    }

    [Fact]
    public void A_device_of_few_rows_makes_some_steps_in_any_case()
    {
        using var probe = Probe(Continuous with { MaxVisits = 1 });
        Send(probe, [1, 2]);
        while (probe.WakeUp()) { }
        Assert.Equal(TrainOptions.MinSteps, probe.Metrics.Counter("steps"));
    }

    [Fact]
    public void The_rate_stays_for_half_of_the_visits_and_falls_to_0_with_the_others()
    {
        using var free = Probe(Continuous with { MaxVisits = null, DrawSeed = 1 });
        using var bounded = Probe(Continuous with { MaxVisits = 1024, DrawSeed = 1 });
        foreach (var probe in new[] { free, bounded }) { Send(probe, [1, 2]); }
        for (var call = 0; call < 2200; call++) { free.WakeUp(); }
        while (bounded.WakeUp()) { }
        var (constant, cooled) = (free.TakeAll<WeightDelta>(), bounded.TakeAll<WeightDelta>());
        for (var u = 0; u <= 4; u++) { Assert.Equal(constant[u].Values, cooled[u].Values); }       // 1,024 steps, and the round begun then
        double Size(WeightDelta update) => update.Values.Sum(static v => (double)v * v);
        Assert.InRange(Size(cooled[7]) / Size(constant[7]), 1e-4, 0.1);       // the last of 8: an eighth or so of the rate
    }

    [Fact]
    public void The_rate_falls_as_the_inverse_of_visits_beyond_some()
    {
        using var free = Probe(Continuous with { MaxVisits = null, DrawSeed = 1 });
        using var smaller = Probe(Continuous with { MaxVisits = null, ShrinkAfter = 256, DrawSeed = 1 });
        foreach (var probe in new[] { free, smaller })
        {
            Send(probe, [1, 2]);
            for (var call = 0; call < 2200; call++) { probe.WakeUp(); }
        }

        var (constant, shrunk) = (free.TakeAll<WeightDelta>(), smaller.TakeAll<WeightDelta>());
        for (var u = 0; u <= 2; u++) { Assert.Equal(constant[u].Values, shrunk[u].Values); }        // 512 visits, and the round begun then
        double Size(WeightDelta update) => update.Values.Sum(static v => (double)v * v);
        Assert.InRange(Size(shrunk[7]) / Size(constant[7]), 0.03, 0.3);        // 512 / 1,792 of the rate, squared
    }

    [Fact]
    public void A_penalty_counts_once_for_all_rows_of_the_fleet()
    {
        ImmutableArray<float> Learned(TrainOptions options)
        {
            using var probe = Probe(options with { StepsPerUpdate = 4, DrawSeed = 1 });
            probe.Control(Version(1));        // of three rows
            Send(probe, [1, 2]);
            while (probe.Count() == 0) { probe.WakeUp(); }
            return probe.TakeAll<WeightDelta>()[0].Values;
        }

        var penalized = Learned(Continuous with { Penalty = 6 });
        Assert.Equal(Learned(Continuous with { Optimizer = new Sgd(0.05f) { WeightDecay = 2 } }), penalized);
        Assert.NotEqual(Learned(Continuous), penalized);
    }

    [Fact]
    public void Rows_held_back_are_not_learned_from_and_judge_each_version_beside_the_best()
    {
        using var probe = Probe(Continuous with { HoldBack = new() { Share = 0.5, BlockRows = 2 } });
        Send(probe, [1, 2, 1, 2, 1, 2]);       // each second row
        probe.Control(Version(1));
        while (probe.WakeUp()) { }
        var first = probe.TakeAll<WeightDelta>()[0];
        Assert.Equal(3, (int)first.Moments!.Count);       // of the rows that are learned from
        Assert.Equal(1, first.Moments.Mean[0]);
        Assert.Equal((3, Loss(Version(1))), (first.HeldBack!.Value.Rows, first.HeldBack.Value.Loss));
        Assert.Null(first.HeldBack.Value.BestLoss);
        var second = Version(2) with { Directives = [new() { Best = Version(1).Id }] };
        probe.Control(second);
        Send(probe, [1, 2, .. Enumerable.Repeat(1f, 200)]);
        while (probe.WakeUp()) { }
        var judged = probe.TakeAll<WeightDelta>().First(static u => u.BaseVersion == 2).HeldBack!.Value;
        Assert.True(judged.BestLoss is { } best && best != judged.Loss);
    }

    [Fact]
    public void A_device_that_only_judges_reports_on_each_version_and_learns_nothing()
    {
        using var probe = Probe(Continuous with { HoldBack = new() { Share = 1 } });
        Send(probe, [1, 50]);
        while (probe.WakeUp()) { }
        probe.TakeAll<WeightDelta>();
        foreach (var version in new[] { 1, 2 })
        {
            probe.Control(Version(version));
            while (probe.WakeUp()) { }
            var report = Assert.Single(probe.TakeAll<WeightDelta>());
            Assert.Equal((version, 0, true), (report.BaseVersion, report.Steps, report.Resting));
            Assert.Equal(Loss(Version(version), 1, 50), report.HeldBack!.Value.Loss);
        }
    }

    [Fact]
    public void A_device_pauses_between_rounds_where_it_is_asked_to()
    {
        using var probe = Probe(Continuous with { StepsPerUpdate = 1 });
        Send(probe, [1, 2]);
        probe.Control(Version(1) with { Directives = [new() { Pause = TimeSpan.FromSeconds(8) }] });
        probe.WakeUp();
        var steps = probe.Metrics.Counter("steps");
        probe.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(steps, probe.Metrics.Counter("steps"));
        probe.Advance(TimeSpan.FromSeconds(2));
        Assert.True(probe.Metrics.Counter("steps") > steps);
    }

    private static float Loss(Weights version, params float[] rows)
    {
        float[] values = rows.Length == 0 ? [2, 2, 2] : rows;
        return (float)Evaluation.Of(Model, version, new(values, new int[values.Length])).Loss;
    }

    private static Weights Version(int number) => Model.Initial with
    {
        Version = number,
        Values = [.. Model.Initial.Values.Select((v, i) => i == 2 ? v + (0.1f * number) : v)],
        Scale = new(3, [1], [1]),
    };

    private static void Send(OperatorProbe probe, float[] x) => probe.Send(Batches.Of(probe.Pool, Rows, x, new int[x.Length]));
}
