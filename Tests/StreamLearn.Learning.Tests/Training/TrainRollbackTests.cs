namespace StreamLearn.Learning.Tests;

/// <summary>What becomes of losses and weights that are not finite.</summary>
public sealed class TrainRollbackTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());

    [Fact]
    public void A_step_whose_loss_is_no_number_is_not_applied()
    {
        var model = new PlantedModel { Losses = { [2] = float.NaN, [5] = float.PositiveInfinity } };
        using var probe = Probe(model, 6);
        Send(probe, 6);
        var update = probe.Take<WeightDelta>();
        Assert.Equal([4f], update.Values);
        Assert.Equal((6, 2, 4, 1f), (update.Steps, update.RolledBack, update.Samples, update.Loss));
        Assert.Equal([1L, 2, 2, 3, 4, 4], model.Numbers.Select((_, i) => i < model.StepNumbers.Count ? model.StepNumbers[i] : -1));
        Assert.Equal((6, 6, 2), Counters(probe));
        Assert.Equal(2, probe.Take<Evaluation>(port: 1).RolledBack);
    }

    [Fact]
    public void Weights_that_are_no_numbers_go_back_to_the_last_good_ones_at_the_next_check()
    {
        var model = new PlantedModel { Gradients = { [TrainingState.KeepEvery + 7] = float.NaN } };
        using var probe = Probe(model, 100);
        Send(probe, 100);
        // steps 1 to 32 are kept; 33 to 64 are lost when the check after step 64 finds the harm of step 39; 65 to 100 are kept
        var update = probe.Take<WeightDelta>();
        Assert.Equal([68f], update.Values);
        Assert.Equal((100, 32, 68, 1f), (update.Steps, update.RolledBack, update.Samples, update.Loss));
        Assert.Equal((100, 100, 32), Counters(probe));
    }

    [Fact]
    public void Weights_that_are_no_numbers_at_the_end_of_a_round_never_leave_the_device()
    {
        var model = new PlantedModel { Gradients = { [40] = float.NegativeInfinity } };
        using var probe = Probe(model, 40);
        Send(probe, 80);
        probe.Advance(TimeSpan.Zero);
        var updates = probe.TakeAll<WeightDelta>().ToList();
        Assert.Equal([32f], updates[0].Values);
        Assert.Equal((40, 8, 32), (updates[0].Steps, updates[0].RolledBack, updates[0].Samples));
        Assert.Equal([40f], updates[1].Values);
        Assert.Equal((40, 0), (updates[1].Steps, updates[1].RolledBack));
        Assert.Equal((80, 80, 8), Counters(probe));
    }

    [Fact]
    public void A_loss_that_is_no_number_with_weights_that_are_none_goes_back_at_once()
    {
        var model = new PlantedModel { Gradients = { [3] = float.NaN }, FollowsWeights = true };
        using var probe = Probe(model, 10);
        Send(probe, 10);
        var update = probe.Take<WeightDelta>();     // steps 1 to 4 are lost: the copy is that of the start
        Assert.Equal([6f], update.Values);
        Assert.Equal((10, 4, 6), (update.Steps, update.RolledBack, update.Samples));
    }

    [Fact]
    public void What_the_optimizer_remembers_goes_back_with_the_weights()
    {
        var broken = new PlantedModel { Gradients = { [TrainingState.KeepEvery + 1] = float.NaN }, FollowsWeights = true };
        using var probe = Probe(broken, TrainingState.KeepEvery + 6, momentum: 0.5f);
        using var whole = Probe(new PlantedModel(), TrainingState.KeepEvery + 4, momentum: 0.5f);
        Send(probe, TrainingState.KeepEvery + 6);
        Send(whole, TrainingState.KeepEvery + 4);
        var update = probe.Take<WeightDelta>();     // the broken step and the one that shows it are lost
        Assert.Equal(2, update.RolledBack);
        Assert.Equal(whole.Take<WeightDelta>().Values, update.Values);
    }

    [Fact]
    public void What_the_optimizer_remembers_starts_anew_with_each_round()
    {
        var model = new PlantedModel();
        using var probe = Probe(model, 4, momentum: 0.5f);
        Send(probe, 4);
        probe.Control(new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [16] });
        Send(probe, 4);
        var updates = probe.TakeAll<WeightDelta>().ToList();
        Assert.Equal([0L, 1], updates.Select(u => u.BaseVersion));
        Assert.All(updates, u => Assert.Equal([1 + 1.5f + 1.75f + 1.875f], u.Values));
    }

    [Fact]
    public void A_second_loss_in_a_row_that_is_no_number_goes_back_to_the_last_good_weights()
    {
        var model = new PlantedModel { Losses = { [5] = float.NaN, [6] = float.NaN } };
        using var probe = Probe(model, 10);
        Send(probe, 10);
        var update = probe.Take<WeightDelta>();     // steps 1 to 4 are lost with 5 and 6
        Assert.Equal([4f], update.Values);
        Assert.Equal((10, 6, 4), (update.Steps, update.RolledBack, update.Samples));
    }

    [Fact]
    public void A_round_goes_back_to_the_model_that_it_began_with()
    {
        var model = new PlantedModel { Gradients = { [3] = float.NaN }, FollowsWeights = true };
        using var probe = Probe(model, 10);
        probe.Control(new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [100] });
        Send(probe, 10);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((1L, 4), (update.BaseVersion, update.RolledBack));
        Assert.Equal([6f], update.Values);
    }

    [Fact]
    public void Of_a_round_in_which_nothing_could_be_learned_nothing_is_sent_but_its_count()
    {
        var model = new PlantedModel();
        for (var step = 1; step <= 4; step++) { model.Losses[step] = float.NaN; }
        using var probe = Probe(model, 4);
        Send(probe, 4);
        var update = probe.Take<WeightDelta>();
        Assert.Equal([0f], update.Values);
        Assert.Equal((4, 4, 0, 0f), (update.Steps, update.RolledBack, update.Samples, update.Loss));
    }

    [Theory, InlineData(0), InlineData(0.1f)]
    public void A_network_whose_rate_makes_it_diverge_goes_on_from_its_last_good_weights(float proximal)
    {
        var network = new Network(new(1), 2, [new Dense(8), new Dense(8)], [new(1, new Dense(2))], seed: 3);
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(network, p.Input<Weights>("models"), new()
        {
            StartAfterRows = 1,
            BatchRows = 4,
            StepsPerRow = 50,
            StepsPerUpdate = 500,
            Proximal = proximal,
            Optimizer = new Sgd(1e4f, Momentum: 0, ClipNorm: float.PositiveInfinity),
        })), Rows);

        var random = new RandomStream(5, "rows");
        for (var i = 0; i < 10; i++)
        {
            var x = (float)random.NextGaussian() + (i & 1);
            probe.Send(Batches.Of(probe.Pool, Rows, new float[] { x }, new int[] { i & 1 }));
        }

        var update = probe.Take<WeightDelta>();
        Assert.All(update.Values, v => Assert.True(float.IsFinite(v)));
        Assert.InRange(update.RolledBack, 1, 500);
        Assert.Equal((update.Steps - update.RolledBack) * 4, update.Samples);
        Assert.Equal((500, 2000, update.RolledBack), Counters(probe));
        Assert.True(float.IsFinite(update.Loss));
    }

    [Fact]
    public void A_difference_that_overflows_takes_the_whole_round_back()
    {
        var model = new PlantedModel { Gradients = { [1] = -float.MaxValue, [2] = -float.MaxValue / 2 } };
        using var probe = Probe(model, 2);
        probe.Control(new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [-float.MaxValue] });
        Send(probe, 2);
        var update = probe.Take<WeightDelta>();
        Assert.Equal([0f], update.Values);
        Assert.Equal((2, 2, 0), (update.Steps, update.RolledBack, update.Samples));
    }

    [Fact]
    public void A_model_that_is_not_finite_is_refused()
    {
        var model = new PlantedModel();
        using var probe = Probe(model, 1);
        probe.Control(new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [float.NaN] });
        Send(probe, 1);
        Assert.Equal(1, probe.Metrics.Drops["non-finite"]);
        Assert.Equal(0, probe.Take<WeightDelta>().BaseVersion);
    }

    [Fact]
    public void The_number_of_a_step_never_comes_again()
    {
        var model = new PlantedModel { Losses = { [3] = float.NaN } };
        using var probe = Probe(model, 5);
        Send(probe, 15);
        for (var i = 0; i < 3; i++) { probe.Advance(TimeSpan.Zero); }
        Assert.Equal(Enumerable.Range(1, 15).Select(i => (long)i), model.Numbers);
    }

    [Fact]
    public void Values_are_finite_whatever_their_place_among_others()
    {
        for (var length = 0; length < 70; length++)
        {
            var values = new float[length];
            Array.Fill(values, -float.MaxValue);
            Assert.True(Finite.All(values));
            for (var i = 0; i < length; i++)
            {
                foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
                {
                    values[i] = bad;
                    Assert.False(Finite.All(values));
                }
                values[i] = float.MaxValue;
            }
        }
    }

    private static (long Steps, long Rows, long RolledBack) Counters(OperatorProbe probe) => (
        probe.Metrics.Counter("steps"), probe.Metrics.Counter("rows-trained"), probe.Metrics.Counter("rolled-back-steps"));

    private static OperatorProbe Probe(IModel model, int steps, float momentum = 0) => OperatorProbe.From<Batch>(
        (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), new()
        {
            StartAfterRows = 1,
            BatchRows = 1,
            StepsPerUpdate = steps,
            Optimizer = new Sgd(1, momentum, ClipNorm: float.PositiveInfinity),
        })), Rows);

    private static void Send(OperatorProbe probe, int rows) => probe.Send(
        Batches.Of(probe.Pool, Rows, Enumerable.Repeat(1f, rows).ToArray(), Enumerable.Repeat(1, rows).ToArray()));

    /// <summary>One value, which rises by 1 with each step of rate 1; losses and gradients are planted by the number of the step.</summary>
    private sealed class PlantedModel : IModel
    {
        public ModelPlan Plan { get; } = new(new(1), 2, 1, [("value", SliceKind.Trained, 1)]);
        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0] };
        internal Dictionary<long, float> Losses { get; } = [];
        internal Dictionary<long, float> Gradients { get; } = [];

        /// <summary>True: weights that are not numbers make a loss that is none.</summary>
        internal bool FollowsWeights { get; init; }
        internal List<long> Numbers { get; } = [];
        internal List<long> StepNumbers { get; } = [];

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            Numbers.Add(batch.Number);
            gradients[0] = Gradients.GetValueOrDefault(batch.Number, -1);
            return FollowsWeights && !float.IsFinite(weights[0]) ? float.NaN : Losses.GetValueOrDefault(batch.Number, 1);
        }

        float IModel.Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
            Workspace memory)
        {
            StepNumbers.Add(step);
            var loss = Loss(weights, batch, gradients, memory);
            if (float.IsFinite(loss)) { optimizer.Step(Plan, weights, gradients, state, step); }
            return loss;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Clear();
    }
}
