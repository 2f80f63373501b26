using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>What a device's options make of its rounds.</summary>
public sealed class TrainRoundTests
{
    private static readonly TrainOptions Small = new() { StartAfterRows = 2, BatchRows = 2, StepsPerUpdate = 3 };

    [Fact]
    public void A_continuous_device_makes_one_step_a_call_whether_rows_come_or_not()
    {
        using var probe = Probe(Model, Small with { Continuous = true });
        Send(probe, [1], [1]);
        Assert.False(probe.WakeUp());       // too few rows to start
        Send(probe, [1], [1]);
        for (var call = 1; call <= 7; call++)
        {
            Assert.True(probe.Ready);
            Assert.True(probe.WakeUp());
            Assert.Equal(call, probe.Metrics.Counter("steps"));
            Assert.Equal(call / 3, probe.Count());
        }

        Send(probe, [1, 1, 1], [1, 1, 1]);      // rows earn nothing
        Assert.Equal(7, probe.Metrics.Counter("steps"));
        Assert.True(probe.WakeUp());
        probe.Complete();
        Assert.Equal([3, 3, 2], probe.TakeAll<WeightDelta>().Select(u => u.Steps));
    }

    [Fact]
    public void In_lock_step_a_continuous_device_waits_for_a_newer_model_and_takes_rows_meanwhile()
    {
        using var probe = Probe(Model, Small with { Continuous = true, Pace = TrainPace.LockStep });
        Send(probe, [1, 1], [1, 1]);
        while (probe.WakeUp()) { }
        Assert.Equal((3L, 1), (probe.Metrics.Counter("steps"), probe.Count()));
        Assert.True(probe.Ready);
        Send(probe, [1, 1], [1, 1]);
        Assert.False(probe.WakeUp());
        probe.Control(Signs(1));
        Assert.Equal(3, probe.Metrics.Counter("steps"));
        while (probe.WakeUp()) { }
        Assert.Equal([0L, 1], probe.TakeAll<WeightDelta>().Select(u => u.BaseVersion));
    }

    [Fact]
    public void A_continuous_device_that_is_not_invited_rests_until_it_is()
    {
        using var probe = Probe(Model, Small with { Continuous = true });
        probe.Control(Signs(1) with { Invited = ["other"] });
        Send(probe, [1, 1, 1], [1, 1, 1]);
        Assert.False(probe.WakeUp());
        probe.Control(Signs(2) with { Invited = ["probe"] });
        Assert.True(probe.WakeUp());
        Assert.Equal(1, probe.Metrics.Counter("steps"));
    }

    [Fact]
    public void The_time_of_a_round_runs_from_the_pull_to_the_last_step()
    {
        using var probe = Probe(Model, new() { StartAfterRows = 1, StepsPerUpdate = 2 });
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Control(Signs(1));
        probe.Advance(TimeSpan.FromSeconds(3));
        Send(probe, [1], [1]);
        probe.Advance(TimeSpan.FromSeconds(5));
        Send(probe, [1], [1]);
        probe.Advance(TimeSpan.FromSeconds(7));
        probe.Complete();
        Assert.Equal([8.0, 0], probe.TakeAll<WeightDelta>().Select(u => u.RoundTime.TotalSeconds));
    }

    [Fact]
    public void An_announced_device_sends_the_moments_of_its_first_rows_before_it_makes_a_step()
    {
        using var probe = Probe(Model, Small with { Announce = true });
        Send(probe, [3], [1]);
        Assert.Equal(0, probe.Count());
        Send(probe, [5, 7], [1, 1]);
        var hello = probe.Take<WeightDelta>();
        Assert.Equal((1L, 0, 0, 0f, 0L), (hello.Sequence, hello.Steps, hello.Samples, hello.Loss, hello.BaseVersion));
        Assert.Equal((3L, 5.0), (hello.Moments!.Count, hello.Moments.Mean[0]));
        Assert.All(hello.Values, v => Assert.Equal(0, v));
        Assert.Equal((0L, 0), (probe.Metrics.Counter("steps"), probe.Count(port: 1)));
        probe.Advance(TimeSpan.Zero);
        Send(probe, [5], [1]);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((2L, 3, 1L), (update.Sequence, update.Steps, update.Moments!.Count));
        Assert.Equal(4, probe.Take<Evaluation>(port: 1).Rows);
    }

    [Fact]
    public void A_device_announces_itself_once_it_holds_as_many_classes_as_it_is_told_or_its_buffer_is_full()
    {
        var options = Small with { Announce = true, AnnounceAfterClasses = 2, BufferRows = 6 };
        using var probe = Probe(Model, options);
        Send(probe, [1, 2, 3, 4, 5], [1, 1, 1, 1, 1]);
        probe.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0, 0L), (probe.Count(), probe.Metrics.Counter("steps")));
        Send(probe, [6], [0]);
        Assert.Equal(0, probe.Take<WeightDelta>().Steps);
        probe.Advance(TimeSpan.Zero);
        Assert.InRange(probe.Metrics.Counter("steps"), 1, 6);       // what its rows have earned until then
        using var full = Probe(Model, options);
        Send(full, [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1]);
        Assert.Equal(0, full.Take<WeightDelta>().Steps);
    }

    /// <summary>As learning ends: nobody is invited.</summary>
    [Fact]
    public void In_lock_step_a_device_that_nobody_invites_takes_rows_and_makes_no_step()
    {
        using var probe = Probe(Model, Small with { Pace = TrainPace.LockStep, StepsPerUpdate = 1 });
        Send(probe, [1, 2, 3], [1, 0, 1]);
        probe.Advance(TimeSpan.Zero);
        Assert.Equal((1, false), (probe.TakeAll<WeightDelta>().Count, probe.Ready));
        Assert.Equal(0, probe.Metrics.Gauges.GetValueOrDefault("learning-ended"));
        probe.Control(Signs(2) with { Invited = [] });
        var steps = probe.Metrics.Counter("steps");
        for (var i = 0; i < 10; i++)
        {
            Assert.True(probe.Ready);
            Send(probe, [1, 2, 3], [1, 0, 1]);
            probe.Advance(TimeSpan.Zero);
        }

        Assert.Equal((steps, 0, 1), (probe.Metrics.Counter("steps"), probe.Count(), probe.Metrics.Gauges["learning-ended"]));
        probe.Complete();
        Assert.Equal((true, 0), probe.Take<WeightDelta>() is var farewell ? (farewell.Leaving, farewell.Steps) : default);
    }

    [Fact]
    public void In_lock_step_an_announced_device_waits_for_the_first_version_and_learns_by_its_scale()
    {
        foreach (var continuous in new[] { false, true })
        {
            var model = new WindowModel(1, 1);
            using var probe = Probe(model, Small with { Announce = true, Continuous = continuous, Pace = TrainPace.LockStep });
            Send(probe, [3, 5], [1, 1]);
            Assert.Equal(continuous, probe.Ready);
            probe.Advance(TimeSpan.FromMinutes(1));
            probe.Control(model.Initial);
            probe.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((1, 0L), (probe.Count(), probe.Metrics.Counter("steps")));
            probe.Control(model.Initial with { Version = 1, Values = [9, 8, 0, 1, 0], Scale = new(4, [9], [1]) });
            probe.Advance(TimeSpan.Zero);
            if (!continuous) { Send(probe, [4, 4], [0, 0]); }
            Assert.Equal([9f, 8], model.Weights[^1][..2]);
            Assert.Equal([0L, 1], probe.TakeAll<WeightDelta>().Select(u => u.BaseVersion));
        }
    }

    [Fact]
    public void A_device_that_comes_late_announces_itself_and_goes_on_from_the_version_it_has()
    {
        using var probe = Probe(Model, Small with { Announce = true, Pace = TrainPace.LockStep });
        probe.Control(Signs(5));
        Send(probe, [3, 5, 7, 9], [1, 1, 1, 1]);
        Assert.Equal(1, probe.Count());
        probe.Advance(TimeSpan.Zero);
        Assert.Equal([(5L, 0), (5L, 3)], probe.TakeAll<WeightDelta>().Select(u => (u.BaseVersion, u.Steps)));
    }

    [Fact]
    public void A_device_that_is_not_invited_announces_itself_too()
    {
        using var probe = Probe(Model, Small with { Announce = true });
        probe.Control(Signs(5) with { Invited = [] });
        Send(probe, [3, 5, 7], [1, 1, 1]);
        probe.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, probe.Take<WeightDelta>().Steps);
        Assert.Equal((0, true), (probe.Count(), probe.Ready));
    }

    [Theory, MemberData(nameof(WrongOptions))]
    public void Wrong_options_are_refused_at_wiring(TrainOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => Probe(Model, options));

    public static TheoryData<TrainOptions> WrongOptions() =>
    [
        new TrainOptions() { MaxBatchRows = 0 }, new TrainOptions() { Proximal = -0.1f },
        new TrainOptions() { Proximal = float.NaN }, new TrainOptions() { Proximal = float.PositiveInfinity },
        new TrainOptions() { Pace = (TrainPace)2 }, new TrainOptions() { Buffer = (BufferKind)4 },
        new TrainOptions() { Draw = (DrawKind)2 },
        new TrainOptions() { Buffer = BufferKind.ClassBalanced, BufferRows = 1 },
        new TrainOptions() { BatchRows = int.MaxValue }, new TrainOptions() { BufferRows = int.MaxValue },
    ];

    [Fact]
    public void It_prints_what_differs_from_plain_training()
    {
        Assert.EndsWith(
            "batch 16, 4 steps an update, 1 steps per 1 rows, buffer 512, free", new TrainOptions().ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "batch 16 in passes, 4 steps an update, continuous, buffer 512 class-balanced, lock-step, proximal 0.5, adjusted logits, "
                + "announced",
            new TrainOptions
            {
                Draw = DrawKind.Shuffle,
                Continuous = true,
                Buffer = BufferKind.ClassBalanced,
                Pace = TrainPace.LockStep,
                Proximal = 0.5f,
                AdjustLogits = true,
                Announce = true,
            }.ToString(),
            StringComparison.Ordinal);
    }
}
