using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

public sealed class TrainTests
{
    private static readonly TrainOptions EveryRow = new() { StartAfterRows = 1, BufferRows = 1, BatchRows = 1, StepsPerUpdate = 2 };

    [Fact]
    public void Rows_are_scored_before_they_are_learned_from_as_worked_by_hand()
    {
        using var probe = Probe(EveryRow with { StartAfterRows = 4, StepsPerUpdate = 1 });
        probe.Control(Signs(version: 3));
        Send(probe, [1, -1, 2, -3], [1, 0, 0, 0]);
        var score = probe.Take<Evaluation>(port: 1);
        Assert.Equal((4L, 3L, 3L), (score.Rows, score.Correct, score.ModelVersion));
        Assert.Equal([2L, 1, 0, 1], score.Confusion);
        Assert.Equal(1.06862, score.Loss, 1e-5);        // (2 ln(1+e⁻²) + ln(1+e⁴) + ln(1+e⁻⁶)) / 4
        Assert.Equal(0.75, score.Accuracy);
        Assert.Equal(0.5, score.Kappa, 1e-12);          // chance = (3·2 + 1·2)/16
    }

    [Fact]
    public void An_update_is_what_the_steps_by_hand_give()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Signs(version: 3));
        Send(probe, [0.5f], [1]);
        Send(probe, [0.5f], [1]);

        var update = probe.Take<WeightDelta>();

        float[] weights = [.. Signs(3).Values], velocity = new float[6], gradients = new float[6];
        double loss = 0;
        for (var step = 0; step < 2; step++)
        {
            loss += Model.Loss(weights, new([0.5f], [1]), gradients, new());
            EveryRow.Optimizer.Step(Model.Plan, weights, gradients, velocity, 1);
        }

        Assert.Equal(Signs(3).Values.Select((value, i) => weights[i] - value), update.Values);
        Assert.Equal(
            ("probe", OperatorProbe.Start.ToUnixTimeMilliseconds(), 1L, 3L),
            (update.Device, update.Epoch, update.Sequence, update.BaseVersion));
        Assert.Equal((2, 2), (update.Samples, update.Steps));
        Assert.Equal((float)(loss / 2), update.Loss);
        Assert.Equal((2L, 0.5, 0.0), (update.Moments!.Count, update.Moments.Mean[0], update.Moments.M2[0]));
        Assert.False(update.Leaving);
        Assert.Equal(2, probe.Metrics.Counter("rows-trained"));
    }

    [Fact]
    public void Rows_it_cannot_learn_from_are_dropped_by_reason()
    {
        using var probe = Probe(EveryRow);
        float[] x = [1, 2, 3, float.NaN, float.PositiveInfinity, 6];
        probe.Send(Batches.Of(probe.Pool, Rows, x, new int?[] { 0, null, 2, 0, 1, -1 }));
        probe.Complete();
        Assert.Equal(
            new Dictionary<string, long> { ["unlabelled"] = 1, ["bad-label"] = 2, ["non-finite"] = 2 },
            new Dictionary<string, long>(probe.Metrics.RowsDropped));
        Assert.Equal(1, probe.Take<Evaluation>(port: 1).Rows);
    }

    [Fact]
    public void In_lock_step_it_is_closed_from_an_update_to_a_newer_model()
    {
        using var probe = Probe(EveryRow with { Pace = TrainPace.LockStep });
        Send(probe, [1], [1]);
        Assert.True(probe.Ready);
        Send(probe, [1], [1]);
        Assert.False(probe.Ready);
        probe.Control(Signs(version: 0));
        Assert.False(probe.Ready);
        probe.Control(Signs(version: 1));
        Assert.True(probe.Ready);
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void In_lock_step_steps_that_are_owed_wait_for_the_next_model()
    {
        using var probe = Probe(EveryRow with { Pace = TrainPace.LockStep });
        Send(probe, [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]);
        probe.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, probe.Count());
        probe.Control(Signs(version: 1));
        Assert.Equal(2, probe.Count());
        probe.Control(Signs(version: 2));
        Assert.Equal(2, probe.Count());
        Assert.True(probe.Ready);
        Assert.Equal([0L, 1L], probe.TakeAll<WeightDelta>().Select(d => d.BaseVersion));
    }

    [Fact]
    public void At_a_free_pace_one_call_publishes_once_and_the_owed_steps_come_at_once()
    {
        using var probe = Probe(EveryRow);
        Send(probe, [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]);
        Assert.Equal(1, probe.Count());
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.Zero);
        Assert.True(probe.Ready);
        var updates = probe.TakeAll<WeightDelta>();
        Assert.Equal([1L, 2L], updates.Select(u => u.Sequence));
        Assert.NotEqual(updates[0].Values, updates[1].Values);      // no newer model: on from what was learned
        Assert.Null(updates[1].Moments);
    }

    [Fact]
    public void A_model_that_comes_within_a_round_is_taken_at_the_next()
    {
        using var probe = Probe(EveryRow);
        Send(probe, [1], [1]);
        probe.Control(Signs(version: 5));
        Send(probe, [1], [1]);
        Send(probe, [1, 1], [1, 1]);
        Assert.Equal([0L, 5L], probe.TakeAll<WeightDelta>().Select(u => u.BaseVersion));
    }

    [Fact]
    public void Older_models_are_counted_and_ignored_and_those_of_another_schema_dropped()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Signs(version: 5), Signs(version: 4), Signs(version: 6) with { SchemaHash = 1 });
        probe.Control(Signs(version: 6) with { Values = [1] });
        probe.Complete();
        Assert.Equal(5, probe.Take<WeightDelta>().BaseVersion);
        Assert.Equal(1, probe.Metrics.Counter("stale-models"));
        Assert.Equal(2, probe.Metrics.Drops["schema"]);
    }

    [Fact]
    public void The_last_update_says_that_the_device_leaves_and_holds_the_open_round()
    {
        using var probe = Probe(EveryRow);
        Send(probe, [1], [1]);
        probe.Complete();
        var update = probe.Take<WeightDelta>();
        Assert.True(update.Leaving);
        Assert.Equal((1, 1), (update.Steps, update.Samples));
        Assert.Contains(update.Values, v => v != 0);
    }

    [Fact]
    public void A_device_that_learned_nothing_leaves_with_an_empty_update()
    {
        using var probe = Probe(EveryRow);
        probe.Complete();
        var update = probe.Take<WeightDelta>();
        Assert.True(update.Leaving);
        Assert.Equal((0, 0, 0f), (update.Steps, update.Samples, update.Loss));
        Assert.All(update.Values, v => Assert.Equal(0, v));
        Assert.Null(update.Moments);
        Assert.Equal(0, probe.Count(port: 1));
    }

    [Fact]
    public void Until_a_model_knows_the_scale_it_scales_by_its_own_rows()
    {
        var far = Signs(0) with { Scale = null };       // rows around 1000: unscaled, every answer would be class 1
        using var probe = Probe(new() { StartAfterRows = 1000 });
        probe.Control(far);
        Send(probe, [999, 1001], [0, 1]);
        Send(probe, [999, 1001, 998, 1002], [0, 1, 0, 1]);
        probe.Complete();
        Assert.Equal(5, probe.Take<Evaluation>(port: 1).Correct);       // the very first row had no scale yet
        Assert.All(probe.Take<WeightDelta>().Values[..2], v => Assert.Equal(0, v));
    }

    [Fact]
    public void The_same_calls_give_the_same_bits()
    {
        static string Run()
        {
            using var probe = Probe(new() { BufferRows = 8 });
            var random = new RandomStream(4, "rows");
            for (var i = 0; i < 20; i++)
            {
                Send(probe, [.. Enumerable.Range(0, 5).Select(_ => (float)random.NextGaussian())], [0, 1, 0, 1, 1]);
                probe.Advance(TimeSpan.FromSeconds(1));
            }
            return string.Join(' ', probe.TakeAll<WeightDelta>().SelectMany(u => u.Values).Select(BitConverter.SingleToInt32Bits));
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void Work_is_charged_once_for_an_answer_and_three_times_for_a_step()
    {
        using var probe = Probe(EveryRow with { BatchRows = 5 });
        Send(probe, [1], [1]);
        Assert.Equal(0, probe.Metrics.MultiplyAdds % Model.Plan.MultiplyAdds);
        Assert.Equal(3, Model.Plan.MultiplyAdds);
        Assert.Equal(5, probe.Metrics.Counter("rows-trained"));
    }

    [Fact]
    public void A_batch_of_other_columns_is_dropped_and_refused_at_wiring()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(Model, p.Input<Weights>("models"))));
        probe.Send(Batches.OfChannels(probe.Pool, [1], [2]));
        Assert.Equal(1, probe.Metrics.Drops["schema"]);
        var problem = Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(Model, p.Input<Weights>("models"))), new Schema(Field.Channel("x", Unit.One))));
        Assert.Contains("expected a column 'label'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_features_are_held_to_their_names_and_units()
    {
        var named = new SoftmaxRegression([Field.Channel("x", Unit.StandardGravity)], 2);
        var problem = Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(named, p.Input<Weights>("models"))), Rows));
        Assert.Contains("expected column x float32 [gn], got x float32 [1]", problem.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(WrongOptions))]
    public void Wrong_options_are_refused_at_wiring(TrainOptions options) => Assert.ThrowsAny<ArgumentException>(() => Probe(options));

    public static TheoryData<TrainOptions> WrongOptions() =>
    [
        new TrainOptions() { BufferRows = 0 }, new TrainOptions() { RowsPerStep = 0 },
        new TrainOptions() { StepsPerRow = 0 }, new TrainOptions() { BatchRows = 0 },
        new TrainOptions() { StartAfterRows = 0 }, new TrainOptions() { StepsPerUpdate = 0 },
        new TrainOptions() { Optimizer = new Sgd(0) }, new TrainOptions() { Optimizer = new Sgd(1, Momentum: 1) },
        new TrainOptions() { Optimizer = new Sgd(1, ClipNorm: 0) },
        new TrainOptions() { Optimizer = new Sgd(float.NaN) },
    ];

    [Fact]
    public void Steps_and_rows_are_earned_at_the_set_rate()
    {
        using var slow = Probe(EveryRow with { RowsPerStep = 3, StepsPerUpdate = 1 });
        Send(slow, [1, 1], [1, 1]);
        Assert.Equal(0, slow.Count());
        Send(slow, [1], [1]);
        Assert.Equal(1, slow.Count());
        using var fast = Probe(EveryRow with { StepsPerRow = 3, StepsPerUpdate = 1 });
        Send(fast, [1], [1]);
        fast.Advance(TimeSpan.Zero);
        Assert.Equal(3, fast.Count());
    }

    [Fact]
    public void Nothing_is_allocated_but_the_messages()
    {
        using var probe = Probe(Model, new() { StepsPerUpdate = 1_000_000 }, guard: false);
        void Round() => SendMany(probe);
        Round();
        Round();
        Assert.Equal(0, Allocations.BesideHandles(probe.Pool, Round));
    }
}
