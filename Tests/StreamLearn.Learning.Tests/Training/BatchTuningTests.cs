using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>Training with rows of a step that are tuned while it runs.</summary>
public sealed class BatchTuningTests
{
    private static readonly Sgd Plain = new(1, Momentum: 0, ClipNorm: float.PositiveInfinity);

    [Theory, InlineData("None"), InlineData("Linear"), InlineData("SquareRoot")]
    public void Without_noise_one_row_is_enough_and_the_rate_follows_over_rounds(string name)
    {
        var scaling = Enum.Parse<RateScaling>(name);
        var model = new Slope();
        using var probe = Probe(model, Options with { Tuning = new() { Scaling = scaling }, StepsPerUpdate = 30 });
        Fill(probe, 8, sigma: 0);
        Run(probe, 7);
        var expected = 0f;
        for (var step = 1; step <= 210; step++)
        {
            expected += step <= 100 ? 1 : BatchSizeTuner.Rate(1, 16, 1, scaling, Math.Min(step - 101, 100));
        }

        var updates = probe.TakeAll<WeightDelta>();
        Assert.Equal(expected, updates.Take(7).Sum(u => u.Values[0]), 1e-2f);
        Assert.Equal([16, .. Enumerable.Repeat(1, 110)], model.Steps.Skip(99).Take(111));
        Assert.Equal(1, probe.Metrics.Gauges["batch-rows"]);
    }

    [Fact]
    public void With_noise_rows_come_near_the_noise_scale_and_do_so_again()
    {
        var scale = 0.0;        // of the rows that are held
        List<int> Chosen(int stepsPerRow)
        {
            var model = new Slope();
            using var probe = Probe(model, Options with { Tuning = new(), StepsPerUpdate = 100, StepsPerRow = stepsPerRow });
            var x = Fill(probe, 512, sigma: 6);
            scale = x.Average(v => (v - x.Average()) * (v - x.Average())) / (x.Average() * x.Average());
            Run(probe, 40);
            return model.Steps;
        }

        var first = Chosen(stepsPerRow: 8);
        Assert.InRange(first.Skip(2000).Average() / scale, 0.5, 2);
        Assert.True(first.Distinct().Count() > 5);
        var again = Chosen(stepsPerRow: 1);
        Assert.Equal(first.Take(again.Count), again);
    }

    [Fact]
    public void Where_there_is_but_noise_steps_have_the_most_rows()
    {
        var model = new Slope();
        using var probe = Probe(model, Options with { Tuning = new(), StepsPerUpdate = 102, Pace = TrainPace.LockStep, MaxBatchRows = 20 });
        Fill(probe, 512, sigma: 10_000);
        Run(probe, 1);
        Assert.Equal([16, 20, 20], model.Steps.Take(102).Skip(99));
    }

    [Fact]
    public void No_step_has_more_rows_than_memory_holds()
    {
        var network = new Network(new(1), 2, [new Dense(64), new Relu()], [new(1, new Dense(2))], seed: 1);
        var tuning = new BatchTuning { FreeBytes = network.Memory(5, Plain).TrainingBytes, Every = null };
        using var probe = Probe(network, Options with { Tuning = tuning });
        Fill(probe, 40, sigma: 1);
        Run(probe, 3);
        Assert.All(probe.TakeAll<WeightDelta>(), u => Assert.Equal(5 * u.Steps, u.Samples));
        var wired = Assert.Throws<ArgumentOutOfRangeException>(() => Probe(network, Options with
        {
            Tuning = tuning with { FreeBytes = network.Memory(1, Plain).TrainingBytes - 1 },
        }));
        Assert.Contains($"{network.Memory(1, Plain).TrainingBytes} bytes", wired.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Probe(new Slope(), Options with { Tuning = tuning }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(network, Options with { Tuning = new() { Every = 99 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(network, Options with { Tuning = new() { Scaling = (RateScaling)3 } }));
        long Bytes(TrainOptions options) => new TrainBlock(network, options).StateBytes(Rows);
        Assert.True(Bytes(Options with { Tuning = tuning }) < Bytes(Options));
    }

    [Fact]
    public void Memory_told_while_it_runs_bounds_the_next_step()
    {
        var network = new Network(new(1), 2, [new Dense(64), new Relu()], [new(1, new Dense(2))], seed: 1);
        var tuning = new BatchTuning { FreeBytes = network.Memory(5, Plain).TrainingBytes, Every = null };
        using var probe = Told(network, Options with { Tuning = tuning, Continuous = true });
        Fill(probe, 40, sigma: 1);
        TrainingMemory For(int rows) => new() { FreeBytes = network.Memory(rows, Plain).TrainingBytes };
        long Samples()
        {
            while (true)
            {
                if (probe.TakeAll<WeightDelta>().Where(u => u.Steps > 0).ToList() is [var update]) { return update.Samples; }
                Assert.True(probe.WakeUp());        // a step
            }
        }

        Assert.Equal(4 * 5, Samples());
        Assert.True(probe.WakeUp() && probe.WakeUp());
        probe.Control(For(2));
        Assert.Equal((2 * 5) + (2 * 2), Samples());
        Assert.Equal(2, probe.Metrics.Gauges["batch-rows"]);
        probe.Control(For(7));
        Assert.Equal(4 * 7, Samples());
        Assert.Equal(0, probe.Metrics.Counters.GetValueOrDefault("memory-short"));
        probe.Control(new TrainingMemory { FreeBytes = 1 });
        Assert.Equal(4, Samples());
        Assert.Equal(1, probe.Metrics.Counters["memory-short"]);
    }

    [Fact]
    public void Memory_is_told_to_a_network_whose_rows_are_tuned_and_to_nothing_else()
    {
        var network = new Network(new(1), 2, [new Dense(8)], [new(0, new Dense(2))], seed: 1);
        foreach (var (model, tuning) in new (IModel, BatchTuning?)[] { (network, null), (new Slope(), new() { Every = null }) })
        {
            using var probe = Told(model, Options with { Tuning = tuning });
            probe.Control(new TrainingMemory { FreeBytes = 1 << 20 });
            Assert.Equal(1, probe.Metrics.Drops["not-tuned"]);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingMemory { FreeBytes = 0 });
    }

    [Fact]
    public void A_model_without_layers_keeps_to_memory_too_and_one_that_does_not_tell_its_own_is_refused()
    {
        var model = new SoftmaxRegression(1, 2, seed: 1);
        var tuning = new BatchTuning { FreeBytes = model.Memory(300, Plain).TrainingBytes, Every = null };
        var options = Options with { Tuning = tuning, BatchRows = 4096, MaxBatchRows = 4096, StepsPerRow = 1 };
        var rows = BatchSizeTuner.MaxRows(model, Plain, tuning.FreeBytes.Value);
        Assert.InRange(rows, 300, 4095);
        using var probe = Probe(model, options);
        Fill(probe, 40, sigma: 1);
        Run(probe, 1);
        Assert.All(probe.TakeAll<WeightDelta>(), u => Assert.Equal(rows * u.Steps, u.Samples));
        var error = Assert.Throws<ArgumentException>(() => Probe(new Slope(), options));
        Assert.StartsWith("FreeBytes: expected a network, got ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => BatchSizeTuner.MaxRows(new Slope(), Plain, 1));
    }

    [Fact]
    public void Rows_that_fit_change_the_rate_as_chosen_ones_do()
    {
        var network = new Network(new(1), 2, [new Dense(8)], [new(0, new Dense(2))], seed: 1);
        using var bound = Probe(network, Options with
        {
            Draw = DrawKind.Shuffle,
            BufferRows = 64,
            Tuning = new() { FreeBytes = network.Memory(4, Plain).TrainingBytes, Every = null, Scaling = RateScaling.Linear },
        });
        using var told = Probe(network, Options with
        {
            Draw = DrawKind.Shuffle,
            BufferRows = 64,
            BatchRows = 4,
            Optimizer = Plain with { LearningRate = 0.25f },
        });
        Fill(bound, 64, sigma: 1);
        Fill(told, 64, sigma: 1);
        MaskedNetwork.Same(told.Take<WeightDelta>().Values.AsSpan(), bound.Take<WeightDelta>().Values.AsSpan());
    }

    [Fact]
    public void A_directive_that_asks_for_rows_starts_the_choice_anew()
    {
        var model = new Slope();
        using var probe = Probe(model, Options with { Tuning = new(), StepsPerUpdate = 110, Pace = TrainPace.LockStep });
        Fill(probe, 8, sigma: 0);
        Run(probe, 1);
        probe.Control(model.Initial with { Version = 1, Directives = [new() { BatchRows = 7 }] });
        Run(probe, 1);
        Assert.Equal(
            [.. Enumerable.Repeat(16, 100), .. Enumerable.Repeat(1, 10), .. Enumerable.Repeat(7, 100), .. Enumerable.Repeat(1, 10)],
            model.Steps.Take(220));
    }

    [Fact]
    public void A_choice_is_charged_and_a_broken_one_changes_nothing()
    {
        var model = new Slope { Broken = true };
        using var probe = Probe(model, Options with { Tuning = new(), StepsPerUpdate = 101, Pace = TrainPace.LockStep });
        Fill(probe, 8, sigma: 0);
        Run(probe, 1);
        Assert.Equal(Enumerable.Repeat(16, 101), model.Steps);
        Assert.Equal(8 + (3 * ((101 * 16) + (4 * 16))), probe.Metrics.MultiplyAdds);
    }

    private static TrainOptions Options => new()
    {
        Optimizer = Plain,
        StartAfterRows = 8,
        StepsPerRow = 500,
        MaxVisits = null,
        BufferRows = 512,
        StepsPerUpdate = 4,
        MaxBatchRows = 256,
    };

    private static OperatorProbe Told(IModel model, TrainOptions options) => OperatorProbe.From<Batch>(
        (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), options)
            .ControlledBy(p.Input<TrainingMemory>("memory"))), Rows);

    private static float[] Fill(OperatorProbe probe, int rows, float sigma)
    {
        var random = new RandomStream(7, "rows");
        float[] x = [.. Enumerable.Range(0, rows).Select(_ => 1 + (sigma * (float)random.NextGaussian()))];
        probe.Send(Batches.Of(probe.Pool, Rows, x, Enumerable.Range(0, rows).Select(i => i & 1).ToArray()));
        return x;
    }

    private static void Run(OperatorProbe probe, int rounds)
    {
        for (var i = 0; i < rounds; i++) { probe.Advance(TimeSpan.Zero); }
    }

    /// <summary>One value, whose gradient is minus the mean of the rows; notes the rows of its steps.</summary>
    private sealed class Slope : IModel
    {
        public ModelPlan Plan { get; } = new(new(1), 2, 1, [("value", SliceKind.Trained, 1)]);
        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0] };

        /// <summary>True: gradients that are asked for without a step are not numbers.</summary>
        internal bool Broken { get; init; }
        internal List<int> Steps { get; } = [];

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            gradients[0] = Broken ? float.NaN : Gradient(batch);
            return 1;
        }

        float IModel.Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
            Workspace memory)
        {
            Steps.Add(batch.Rows);
            gradients[0] = Gradient(batch);
            optimizer.Step(Plan, weights, gradients, state, step);
            return 1;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Clear();

        private static float Gradient(in Sample batch)
        {
            double sum = 0;
            foreach (var x in batch.Features) { sum -= x; }
            return (float)(sum / batch.Rows);
        }
    }
}
