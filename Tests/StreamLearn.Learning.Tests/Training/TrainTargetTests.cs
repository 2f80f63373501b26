using StreamLearn.Samples;

namespace StreamLearn.Learning.Tests;

/// <summary>Models that learn values, or find out for themselves, behind the blocks of a pipeline.</summary>
public sealed class TrainTargetTests
{
    private static readonly Schema Rows = new(
        Field.Time(), Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Target(Unit.StandardGravity));

    private static readonly Schema Untold = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One));
    private static readonly LinearModel Regression = ReferenceModels.LinReg(2);

    [Theory]
    [InlineData(DrawKind.Replacement, 1)]
    [InlineData(DrawKind.Replacement, 8)]
    [InlineData(DrawKind.Shuffle, 1)]
    [InlineData(DrawKind.Shuffle, 8)]
    [InlineData(DrawKind.Shuffle, 64)]
    public void A_stream_of_values_teaches_a_linear_regression_its_weights(DrawKind draw, int batch)
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(
            Regression, p.Input<Weights>("models"), new()
            {
                Draw = draw,
                BatchRows = batch,
                BufferRows = 64,
                StartAfterRows = 64,
                StepsPerRow = 50,
                StepsPerUpdate = 2000,
                Optimizer = new Sgd(0.05f, Momentum: 0, ClipNorm: float.PositiveInfinity),
            })), Rows);
        var random = new RandomStream(3, "regression");
        for (var i = 0; i < 120 && probe.Count() == 0; i++)
        {
            var (x, y) = ((float)random.NextGaussian(), (float)random.NextGaussian());
            Send(probe, [x], [y], [(3 * (double)x) - (2 * (double)y)]);
        }

        var update = probe.Take<WeightDelta>();
        Assert.Equal(3, update.Values[0], 1e-3);
        Assert.Equal(-2, update.Values[1], 1e-3);
        Assert.Equal((2000, 0), (update.Steps, update.RolledBack));
    }

    [Fact]
    public void Rows_are_measured_before_they_are_learned_from_and_there_is_no_accuracy()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(
            Regression, p.Input<Weights>("models"), new() { StartAfterRows = 2, StepsPerUpdate = 1 })), Rows);
        Send(probe, [1, 1], [0, 0], [2, 4]);
        var score = probe.Take<Evaluation>(port: 1);
        Assert.Equal((2L, 0L, 5.0), (score.Rows, score.Correct, score.Loss));       // (½ · 2² + ½ · 4²) / 2
        Assert.Empty(score.Confusion);
        Assert.True(double.IsNaN(score.Accuracy) && double.IsNaN(score.Kappa));
        Assert.Equal("probe version 0: 2 rows, mean absolute error 3, root mean square 3.1623, R² -9.000", score.ToString());
        Assert.Equal(10.0, Evaluation.Add(score, score with { Loss = 15 }).Loss);
    }

    [Fact]
    public void Rows_without_a_target_that_can_be_learned_are_dropped_by_reason()
    {
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => rows.Evaluate(Regression, p.Input<Weights>("models")).Output("main"), Rows);
        Send(probe, [1, 2, 3, 4, 5, float.NaN], [0, 0, 0, 0, 0, 0], [1, null, double.NaN, 1e39, double.NegativeInfinity, 2]);
        probe.Complete();
        Assert.Equal(
            new Dictionary<string, long> { ["no-target"] = 1, ["bad-target"] = 3, ["non-finite"] = 1 },
            new Dictionary<string, long>(probe.Metrics.RowsDropped));
        Assert.Equal(1, probe.Take<Evaluation>().Rows);
    }

    [Fact]
    public void A_window_has_the_target_of_its_last_sample()
    {
        var model = new Network(new(2, 2), 1, [new GlobalMean()], [new(0, new Dense(1))], objective: new SquaredError());
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Infer(model, p.Input<Weights>("models")).Output("main"), Rows);
        Send(probe, [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [7, 7, 8, 9, null, 3]);
        var answers = probe.Take<Batch>();
        Assert.Equal([true, true, true], Enumerable.Range(0, 3).Select(r => answers["target"].IsValid(r)));
        Assert.Equal([7, 9, 3], answers["target"].Values<double>().ToArray());
    }

    [Fact]
    public void A_value_is_answered_in_the_unit_of_its_target()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Infer(Regression, p.Input<Weights>("models")).Output("main"), Rows);
        probe.Control(new Weights { Version = 1, SchemaHash = Regression.Plan.SchemaHash, Values = [2, -1] });
        Send(probe, [1, 2], [3, 0.5f], [null, 4]);
        var answers = probe.Take<Batch>();
        Assert.Equal(["time int64 [ns]", "value float32 [gn]", "target float64? [gn]"], answers.Schema.Fields.Select(f => f.ToString()));
        Assert.Equal([-1f, 3.5f], answers["value"].Values<float>().ToArray());
    }

    [Fact]
    public void Two_classes_are_answered_by_one_output()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Label());
        (LinearModel, float)[] models = [(new(1, new BinaryCrossEntropy()), 1 / (1 + MathF.Exp(-3))), (new(1, new SmoothSvm()), 1)];
        foreach (var (model, sure) in models)
        {
            using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Infer(model, p.Input<Weights>("models")).Output("main"), schema);
            using var judge = OperatorProbe.From<Batch>(
                (p, rows) => rows.Evaluate(model, p.Input<Weights>("models")).Output("main"), schema);
            var weights = new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [3, 0] };
            probe.Control(weights);
            judge.Control(weights);
            foreach (var one in (OperatorProbe[])[probe, judge])
            {
                one.Send(Batches.Of(one.Pool, schema, new float[] { 1, -1, -1 }, new int?[] { 1, 0, 1 }));
                one.Complete();
            }

            var answers = probe.Take<Batch>();
            Assert.Equal([1, 0, 0], answers["class"].Values<int>().ToArray());
            Assert.Equal(sure, answers["confidence"].Values<float>()[0], 1e-6);
            Assert.Equal(sure, answers["confidence"].Values<float>()[1], 1e-6);
            var score = judge.Take<Evaluation>();
            Assert.Equal([1L, 0, 1, 1], score.Confusion);
            Assert.Equal(2, score.Correct);
        }
    }

    [Fact]
    public void A_label_that_is_neither_of_two_is_bad()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Label());
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => rows.Evaluate(new LinearModel(1, new BinaryCrossEntropy()), p.Input<Weights>("models")).Output("main"), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new float[] { 1, 1, 1 }, new int?[] { 0, 1, 2 }));
        Assert.Equal(1, probe.Metrics.RowsDropped["bad-label"]);
    }

    [Fact]
    public void Centers_need_no_label_and_answer_with_the_nearest_and_its_loss()
    {
        var model = new KMeans(2, 3);
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Infer(model, p.Input<Weights>("models")).Output("main"), Untold);
        using var judge = OperatorProbe.From<Batch>((p, rows) => rows.Evaluate(model, p.Input<Weights>("models")).Output("main"), Untold);
        var weights = new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [0, 0, 10, 0, 0, 10] };
        foreach (var one in (OperatorProbe[])[probe, judge])
        {
            one.Control(weights);
            one.Send(Batches.Of(one.Pool, Untold, new float[] { 9, 1 }, new float[] { 0, 7 }));
            one.Complete();
        }

        var answers = probe.Take<Batch>();
        Assert.Equal([1, 2], answers["class"].Values<int>().ToArray());
        Assert.Equal([0.5f, 5f], answers["loss"].Values<float>().ToArray());
        Assert.Equal(2.75, judge.Take<Evaluation>().Loss);
    }

    [Fact]
    public void Counts_of_centers_go_on_over_rounds()
    {
        var model = new KMeans(1, 1, counts: true);
        var schema = new Schema(Field.Channel("x", Unit.One));
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), new()
        {
            StartAfterRows = 1,
            BatchRows = 1,
            BufferRows = 1,
            StepsPerUpdate = 2,
            Pace = TrainPace.LockStep,
        })), schema);
        void Send(params float[] rows) => probe.Send(Batches.Of(probe.Pool, schema, rows));
        Send(8);
        Send(8);
        var first = probe.Take<WeightDelta>().Values;
        float[] values = [.. model.Initial.Values.Zip(first, (w, d) => w + d)];
        Assert.Equal((8f, 2f), (values[0], values[1]), (a, b) => MathF.Abs(a.Item1 - b.Item1) < 1e-5f && a.Item2 == b.Item2);
        probe.Control(model.Initial with { Version = 1, Values = [8, 2] });     // what a server makes of it
        for (var i = 0; i < 12 && probe.Count() == 0; i++) { Send(2); }
        Assert.Equal([5 - 8, 2], probe.Take<WeightDelta>().Values);             // (8 + 8 + 2 + 2) / 4
    }

    [Fact]
    public void Wiring_asks_for_the_target_column()
    {
        var problem = Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(Regression, p.Input<Weights>("models"))), Untold));
        Assert.Contains("target", problem.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(
            rows.Train(Regression, p.Input<Weights>("models"), new() { AdjustLogits = true })), Rows));
    }

    [Fact]
    public void Wiring_refuses_a_network_whose_teacher_is_not_in_the_rows()
    {
        var network = new Network(new(2), 2, [new Dense(3)], [new(0, new Dense(2))], objective: new Distillation());
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
        Assert.Throws<ArgumentException>(() => OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(network, p.Input<Weights>("models"))), schema));
    }

    private static void Send(OperatorProbe probe, float[] x, float[] y, double?[] targets) => probe.Send(Batches.Of(
        probe.Pool, Rows, Enumerable.Range(1, x.Length).Select(i => 10L * i).ToArray(), x, y, targets));
}
