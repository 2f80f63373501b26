using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>What a version asks of a device: to make steps or not, and how.</summary>
public sealed class TrainDirectiveTests
{
    private static readonly TrainOptions EveryRow = new() { StartAfterRows = 1, BufferRows = 1, BatchRows = 1, StepsPerUpdate = 2 };

    [Fact]
    public void A_directive_changes_steps_batch_rate_and_proximal_term_from_the_next_round_on()
    {
        using var probe = Probe(EveryRow);
        Send(probe, [0.5f]);
        probe.Control(Signs(1, new Directive { StepsPerUpdate = 3, BatchRows = 5, LearningRate = 0.2f, Proximal = 0.5f }));
        Send(probe, [0.5f]);
        Assert.Equal((2, 2), Size(probe.Take<WeightDelta>()));
        Send(probe, [0.5f, 0.5f, 0.5f]);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((3, 15), Size(update));
        Assert.Equal(ByHand(steps: 3, rows: 5, new Sgd(0.2f), proximal: 0.5f), update.Values);
    }

    [Fact]
    public void What_a_directive_leaves_open_and_what_later_versions_say_nothing_of_stays()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Signs(1, new Directive { StepsPerUpdate = 3 }), Signs(2, new Directive { LearningRate = 0.2f }));
        probe.Control(Signs(3));
        Send(probe, [0.5f, 0.5f, 0.5f]);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((3, 3), Size(update));
        Assert.Equal(ByHand(steps: 3, rows: 1, new Sgd(0.2f), proximal: 0), update.Values);
    }

    [Fact]
    public void A_directive_counts_even_if_its_version_was_never_learned_from()
    {
        using var probe = Probe(EveryRow);
        Send(probe, [1]);
        probe.Control(Signs(1, new Directive { StepsPerUpdate = 1 }), Signs(2));
        Send(probe, [1]);
        Send(probe, [1]);
        Assert.Equal([(0L, 2), (2L, 1)], probe.TakeAll<WeightDelta>().Select(u => (u.BaseVersion, u.Steps)));
    }

    [Fact]
    public void The_directive_that_names_the_device_goes_before_the_one_for_all()
    {
        Directive all = new() { StepsPerUpdate = 3 }, named = new() { Device = "probe", StepsPerUpdate = 4 };
        Directive other = new() { Device = "other", StepsPerUpdate = 5 };
        foreach (var (directives, steps) in new (Directive[], int)[]
            { ([all, other, named], 4), ([named, all], 4), ([other, all], 3), ([other], 2) })
        {
            using var probe = Probe(EveryRow);
            probe.Control(Signs(1, directives));
            Send(probe, [1, 1, 1, 1]);
            Assert.Equal(steps, probe.Take<WeightDelta>().Steps);
        }
    }

    [Fact]
    public void A_directive_out_of_its_range_is_counted_and_not_followed()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Signs(1, new Directive { StepsPerUpdate = 0 }));
        probe.Control(Signs(2, new Directive { LearningRate = float.NaN, StepsPerUpdate = 1 }));
        Send(probe, [1, 1]);
        Assert.Equal(2, probe.Take<WeightDelta>().Steps);
        Assert.Equal(2, probe.Metrics.Counter("bad-directives"));
    }

    [Fact]
    public void A_batch_grows_up_to_its_bound_only()
    {
        using var probe = Probe(EveryRow with { StepsPerUpdate = 1, MaxBatchRows = 7 });
        probe.Control(Signs(1, new Directive { BatchRows = int.MaxValue }));
        Send(probe, [1]);
        using var large = Probe(EveryRow with { StepsPerUpdate = 1, BatchRows = 9, MaxBatchRows = 7 });
        large.Control(Signs(1, new Directive { BatchRows = 8 }));
        Send(large, [1]);
        Assert.Equal(7, probe.Take<WeightDelta>().Samples);
        Assert.Equal(8, large.Take<WeightDelta>().Samples);      // the options' own batch is a bound too
    }

    [Fact]
    public void A_round_whose_time_is_up_ends_with_the_steps_that_are_made()
    {
        using var probe = Probe(EveryRow with { StepsPerUpdate = 100 });
        probe.Control(Signs(1, new Directive { RoundTime = TimeSpan.FromSeconds(10) }));
        probe.Advance(TimeSpan.FromSeconds(4));
        Send(probe, [1, 1]);
        probe.Advance(TimeSpan.FromSeconds(3));
        Send(probe, [1]);
        probe.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(1));
        var update = probe.Take<WeightDelta>();
        Assert.Equal((3, 3), Size(update));
        Assert.Equal(TimeSpan.FromSeconds(7), update.RoundTime);        // from the pull to the last step
    }

    /// <summary>It announces itself, and has the version after three seconds: one step at once, of the row it had, and one a second.
    /// Another round has the time of its directive.</summary>
    [Theory, InlineData(10, 4), InlineData(2, 3)]
    public void The_first_round_that_is_measured_takes_as_long_as_the_device_has_waited_at_most(int seconds, int steps)
    {
        using var probe = Probe(EveryRow with { StepsPerUpdate = 100, Announce = true, Pace = TrainPace.LockStep });
        Send(probe, [1]);
        Assert.Equal(0, probe.Take<WeightDelta>().Steps);
        probe.Advance(TimeSpan.FromSeconds(3));
        probe.Control(Signs(1, new Directive { RoundTime = TimeSpan.FromSeconds(seconds), Estimates = true }));

        Assert.Equal(steps, StepsOfRound());
        probe.Control(Signs(2, new Directive { RoundTime = TimeSpan.FromSeconds(5) }));
        Assert.Equal(5, StepsOfRound());

        int StepsOfRound()
        {
            for (var step = 0; step < 10 && probe.Count() == 0; step++)
            {
                Send(probe, [1]);
                probe.Advance(TimeSpan.FromSeconds(1));
            }
            return probe.Take<WeightDelta>().Steps;
        }
    }

    [Fact]
    public void A_round_without_steps_waits_for_one_however_late()
    {
        using var probe = Probe(EveryRow with { StepsPerUpdate = 100 });
        probe.Control(Signs(1, new Directive { RoundTime = TimeSpan.FromSeconds(10) }));
        probe.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, probe.Count());
        Send(probe, [1, 1]);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((1, TimeSpan.FromMinutes(1)), (update.Steps, update.RoundTime));
    }

    [Fact]
    public void A_round_time_longer_than_calendars_go_never_ends_a_round()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Signs(1, new Directive { RoundTime = TimeSpan.MaxValue }));
        Send(probe, [1]);
        probe.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, probe.Count());
        Send(probe, [1]);
        Assert.Equal((2, TimeSpan.FromDays(1)), (probe.Take<WeightDelta>() is var u ? u.Steps : 0, u.RoundTime));
    }

    [Fact]
    public void A_device_that_is_not_invited_answers_and_keeps_rows_but_makes_no_steps()
    {
        using var probe = Probe(EveryRow with { BufferRows = 8 });
        probe.Control(Signs(1) with { Invited = ["other"] });
        for (var i = 0; i < 5; i++)
        {
            Send(probe, [1, 1]);
            probe.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(probe.Ready);
        Assert.Equal((0, 0L), (probe.Count(), probe.Metrics.Counter("steps")));
        Assert.Equal(8, probe.Metrics.Gauges["buffer-rows"]);
        probe.Complete();
        var update = probe.Take<WeightDelta>();
        Assert.Equal((0, 10L), (update.Steps, update.Moments!.Count));
        Assert.Equal(10, probe.Take<Evaluation>(port: 1).Rows);
    }

    [Fact]
    public void An_invitation_is_answered_at_once_with_what_one_update_takes()
    {
        using var probe = Probe(EveryRow with { BufferRows = 8 });
        probe.Control(Signs(1) with { Invited = [] });
        Send(probe, [1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(0, probe.Count());
        probe.Control(Signs(2) with { Invited = ["other", "probe"] });
        probe.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([(2L, 2)], probe.TakeAll<WeightDelta>().Select(u => (u.BaseVersion, u.Steps)));
        Assert.True(probe.Ready);
    }

    [Fact]
    public void A_round_that_has_begun_ends_even_if_a_version_invites_others()
    {
        using var probe = Probe(EveryRow);
        Send(probe, [1]);
        probe.Control(Signs(1) with { Invited = ["other"] });
        Send(probe, [1]);
        Send(probe, [1, 1]);
        Assert.Equal(0, probe.Take<WeightDelta>().BaseVersion);
        Assert.Equal(0, probe.Count());
        Assert.Equal(1, probe.Metrics.Gauges["staleness"]);
    }

    [Fact]
    public void In_lock_step_a_device_that_is_not_invited_stays_open_and_joins_when_it_is()
    {
        using var probe = Probe(EveryRow with { Pace = TrainPace.LockStep });
        Send(probe, [1, 1]);
        Assert.False(probe.Ready);
        probe.Control(Signs(1) with { Invited = ["other"] });
        Assert.True(probe.Ready);
        Send(probe, [1, 1]);
        probe.Control(Signs(2));
        Assert.Equal([0L, 2], probe.TakeAll<WeightDelta>().Select(u => u.BaseVersion));
        Assert.False(probe.Ready);
    }

    private static ImmutableArray<float> ByHand(int steps, int rows, Sgd optimizer, float proximal)
    {
        float[] start = [.. Signs(1).Values], weights = [.. start], velocity = new float[6], gradients = new float[6];
        for (var step = 1; step <= steps; step++)
        {
            Model.Loss(weights, new(Enumerable.Repeat(0.5f, rows).ToArray(), Enumerable.Repeat(1, rows).ToArray()), gradients, new());
            for (var i = 2; i < 6; i++) { gradients[i] = MathF.FusedMultiplyAdd(proximal, weights[i] - start[i], gradients[i]); }
            optimizer.Step(Model.Plan, weights, gradients, velocity, step);
        }
        return [.. weights.Select((w, i) => w - start[i])];
    }

    private static (int Steps, int Samples) Size(WeightDelta update) => (update.Steps, update.Samples);
}
