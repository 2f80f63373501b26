namespace Acceptance.Tests;

/// <summary>Section 11: evaluation.</summary>
public sealed class At11Evaluation
{
    private static readonly Schema Answers = new(
        Field.Time(), new Field("class", ColumnType.Int32, Unit.One), Field.Channel("confidence", Unit.One));

    private static readonly Schema Labels = new(Field.Time(), Field.Label());

    /// <summary>
    /// Ten rows. Labels 0 0 0 1 1 1 1 2 2 2, answers 0 0 1 1 1 1 2 2 0 2: rows of the table 2 1 0 | 0 3 1 | 1 0 2.
    /// </summary>
    [Fact]
    public void AT_11a_The_formulas_give_what_a_table_worked_by_hand_gives()
    {
        int[] labels = [0, 0, 0, 1, 1, 1, 1, 2, 2, 2], answers = [0, 0, 1, 1, 1, 1, 2, 2, 0, 2];
        var measure = new PrequentialMeasure(3, windowRows: 4, fadingFactor: 0.5);
        for (var i = 0; i < 10; i++)
        {
            float[] probabilities = [0.125f, 0.125f, 0.125f];
            probabilities[answers[i]] = 0.75f;
            measure.Add(labels[i], answers[i], 0.75f, probabilities);
        }

        var score = measure.Score("hand");
        var table = score.Landmark;
        Assert.Equal(new ConfusionMatrix([2, 1, 0, 0, 3, 1, 1, 0, 2]), table);
        Assert.Equal(0.7, table.Accuracy, 1e-12);
        Assert.Equal((0.7 - 0.34) / (1 - 0.34), table.Kappa, 1e-12);                        // (3·3 + 4·4 + 3·3)/100
        Assert.Equal((0.7 - 0.4) / (1 - 0.4), table.KappaM, 1e-12);
        Assert.Equal(0.7, score.NoChangeAccuracy, 1e-12);                                   // 7 of 10 repeat the label before
        Assert.Equal(0, score.KappaTemporal, 1e-12);
        Assert.Equal((4 / 6.0 + 6 / 8.0 + 4 / 6.0) / 3, table.MacroF1, 1e-12);
        Assert.Equal([2 / 3.0, 3 / 4.0, 2 / 3.0], Enumerable.Range(0, 3).Select(table.Recall));
        Assert.Equal(0.5, score.Window.Accuracy, 1e-12);                                    // wrong, right, wrong, right
        Assert.Equal(((7 * -Math.Log(0.75)) + (3 * -Math.Log(0.125))) / 10, score.LogLoss!.Value, 1e-6);
        Assert.Equal(((7 * 0.09375) + (3 * 1.34375)) / 10, score.Brier!.Value, 1e-6);
        Assert.Equal(0.05, score.CalibrationError, 1e-6);                                   // |0.7 − 0.75|

        double right = 0, weight = 0;
        for (var i = 0; i < 10; i++) { (right, weight) = ((labels[i] == answers[i] ? 1 : 0) + (0.5 * right), 1 + (0.5 * weight)); }
        Assert.Equal(right / weight, score.FadingAccuracy, 1e-12);
    }

    [Fact]
    public void AT_11a_Prequential_accuracy_that_does_not_fade_is_the_plain_mean_to_the_bit()
    {
        var (random, mean, sum) = (new RandomStream(11, "fading"), FadingMean.Of(1), 0.0);
        for (var i = 1; i <= 10_000; i++)
        {
            var value = random.NextGaussian();
            (mean, sum) = (mean.Add(value), sum + value);
            Assert.Equal(sum / i, mean.Mean);
        }

        var measure = new PrequentialMeasure(4, fadingFactor: 1);
        for (var i = 0; i < 5000; i++) { measure.Add(random.NextInt32(4), random.NextInt32(4), 0.5f, default); }
        Assert.Equal(measure.Score("d").Landmark.Accuracy, measure.Score("d").FadingAccuracy);
    }

    [Fact]
    public void AT_11a_No_row_is_trained_before_it_is_scored()
    {
        var model = new AuditedModel(new SoftmaxRegression(2, 3, seed: 1));
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(
            rows.Train(model, p.Input<Weights>("models"), new() { BufferRows = 64, BatchRows = 8, StepsPerRow = 2 })), schema);
        var scored = 0L;
        for (var batch = 0; batch < 100; batch++)
        {
            probe.Send(Batches.Random(probe.Pool, schema, 1 + (batch % 7), seed: batch));
            probe.Advance(TimeSpan.Zero);
            scored += probe.TakeAll<Evaluation>(port: 1).Sum(e => e.Rows);
        }

        probe.Complete();
        scored += probe.TakeAll<Evaluation>(port: 1).Sum(e => e.Rows);
        Assert.True(model.RowsTrained > 1000, $"{model.RowsTrained} visits");
        Assert.Equal(0, model.RowsTrainedUnseen);
        Assert.Equal(model.RowsScored, scored);
    }

    [Fact]
    public void AT_11a_Labels_that_come_late_and_out_of_order_give_the_same_table()
    {
        const int Rows = 300;
        var random = new RandomStream(7, "late");
        var (classes, labels) = (new int[Rows], new int[Rows]);
        for (var i = 0; i < Rows; i++) { (classes[i], labels[i]) = (random.NextInt32(3), random.NextInt32(3)); }
        var expected = new PrequentialMeasure(3);
        for (var i = 0; i < Rows; i++) { expected.Add(labels[i], classes[i], 0.5f, default); }

        var scores = new List<PrequentialScore>();
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("device", p =>
        {
            var answers = p.From("answers", 1, (int _, OperatorContext c) => new Rowwise(c, Rows, i => i, (batch, i) =>
            {
                batch["class"].Writable<int>()[0] = classes[i];
                batch["confidence"].Writable<float>()[0] = 0.5f;
            }, Answers), Answers);
            // two and two change places, a minute later
            var late = p.From("labels", 2, (int _, OperatorContext c) => new Rowwise(c, Rows, i => (i ^ 1) + 60, (batch, i) =>
            {
                batch["label"].Writable<int>()[0] = labels[i];
                batch["label"].SetValid(0, true);
            }, Labels), Labels);
            answers.Prequential(late, 3, new() { EveryRows = 1000 }).ForEach("keep", scores.Add);
        }));
        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.Equal(expected.Score("device").Landmark, Assert.Single(scores).Landmark);
        Assert.Equal(0, device.Metrics["prequential"].RowsDropped.GetValueOrDefault("label-missing"));
    }

    /// <summary>3 W for 40 s of computing; and a device that computes for 1 s of the 9.1 s that it is there.</summary>
    [Fact]
    public void AT_11b_Energy_is_power_times_time_and_the_states_of_a_device_add_up_to_its_run()
    {
        var power = new PowerProfile { IdleWatts = 0.5, ComputingWatts = 3 };
        using var world = new VirtualWorld();
        var device = world.Add(
            Pipeline.Define("device", static p => p
                .From("rows", 10, static (int rows, OperatorContext context) =>
                    new Rowwise(context, rows, static row => row, static (_, _) => { }, Labels), Labels)
                .Via("work", 100_000L, static (long cost, OperatorContext context, IOutput<Batch> output) =>
                    new Working(cost, context, output))
                .Discard()),
            new() { MultiplyAddsPerSecond = 1e6, Power = power });

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.Equal(3.0 * 40, new EnergyMeter { Computing = TimeSpan.FromSeconds(40) }.Joules(power));
        Assert.Equal((device.EndedAt, TimeSpan.FromSeconds(9.1)), (device.Energy.Total, device.Energy.Total));
        Assert.Equal((3.0 * 1) + (0.5 * 8.1), device.Joules, 1e-12);
    }

    [Fact]
    public void AT_11c_The_time_to_accuracy_is_the_same_for_the_same_seed()
    {
        var times = new[] { 0, 0, 1, 1, 2, 2 }.Select(TimeToEighty).ToArray();

        Assert.All(times, t => Assert.NotNull(t));
        Assert.Equal((times[0], times[2], times[4]), (times[1], times[3], times[5]));
        Assert.True(times.Distinct().Count() > 1, "every seed took the same time");
    }

    /// <summary>Rounds of 0.5, 1, 0.75 and 3 s.</summary>
    [Fact]
    public void AT_11d_The_share_of_rounds_under_a_second_is_that_worked_by_hand()
    {
        var times = Round.Times(TimeSpan.Zero, new[] { 0.5, 1.5, 2.25, 5.25 }.Select(TimeSpan.FromSeconds));

        Assert.Equal(0.5, Round.ShareUnder(times, TimeSpan.FromSeconds(1)));
    }

    /// <summary>Virtual time until a fleet of four that never waits answers 80 % of unseen digits right, three evaluations in a
    /// row.</summary>
    private static TimeSpan? TimeToEighty(int seed)
    {
        const int Devices = 4, RowsEach = 250;
        var digits = GlyphDigits.Generate(Devices * RowsEach, seed);
        var unseen = GlyphDigits.Generate(300, 50);
        var model = new SoftmaxRegression(GlyphDigits.Pixels, GlyphDigits.Classes, seed);
        var evaluations = new List<(TimeSpan, double)>();
        using var world = new VirtualWorld(new() { Seed = seed });
        var air = world.Transport("air");
        var edge = Pipeline.Define("edge", p =>
        {
            var (versions, inUse) = p.Subscribe(air, "updates", LearningCodecs.Deltas).Aggregate(model, new FedBuff(3));
            versions.Publish(air, "models", LearningCodecs.Weights);
            inUse.ForEach("examine", round => evaluations.Add((world.Elapsed,
                Evaluation.Of(model, round.Averaged, new(unseen.Features.AsSpan(), unseen.Labels.AsSpan())).Accuracy)));
        });
        world.Add(edge);
        for (var d = 0; d < Devices; d++)
        {
            var rows = Enumerable.Range(d * RowsEach, RowsEach);
            world.Add(Pipeline.Define($"device-{d}", p =>
            {
                var (deltas, scores) = p.FromGlyphDigits(digits, [.. rows], new() { BatchRows = 5 })
                    .Train(model, p.Subscribe(air, "models", LearningCodecs.Weights), new() { Optimizer = new Sgd(0.02f) });
                deltas.Publish(air, "updates", LearningCodecs.Deltas);
                scores.Discard();
            }), new() { MultiplyAddsPerSecond = 2e6 / (1 + d), Jitter = 0.05 }, new() { UpBitsPerSecond = 2e6, DownBitsPerSecond = 2e6 });
        }

        world.RunToEnd(TestContext.Current.CancellationToken);
        return TimeToTarget.Of([.. evaluations], 0.8);
    }

    private sealed class Working(long cost, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            context.Charge(cost);
            output.Emit(input);
        }
    }

    /// <summary>One row a second of the virtual clock, in the order and at the time that the test says.</summary>
    private sealed class Rowwise(OperatorContext context, int rows, Func<int, int> dueAt, Action<Batch, int> write, Schema schema)
        : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private readonly int[] _order = [.. Enumerable.Range(0, rows).OrderBy(dueAt)];
        private int _next;

        public override DateTimeOffset? NextAt => _next < rows ? _start + TimeSpan.FromSeconds(dueAt(_order[_next])) : null;

        public override Batch Next()
        {
            var row = _order[_next++];
            var batch = context.Pool.Rent(schema, 1);
            batch["time"].Writable<long>()[0] = row;
            write(batch, row);
            return batch;
        }
    }
}
