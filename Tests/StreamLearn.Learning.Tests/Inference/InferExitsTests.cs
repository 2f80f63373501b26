namespace StreamLearn.Learning.Tests;

public sealed class InferExitsTests
{
    private static readonly Schema Rows = new(Field.Time(), Field.Channel("x", Unit.One), Field.Label());

    /// <summary>One value; the first exit says ±x, the last ∓x: which of them answered shows.</summary>
    private static readonly Network Net = new(
        new(1), 2, [new Dense(1), new Dense(1)], [new(0, new Dense(2)), new(1, new Dense(2))], features: [Rows.Fields[1]]);

    private static readonly Weights Model = new()
    {
        Version = 1,
        SchemaHash = Net.Plan.SchemaHash,
        Values = [1, 0, 1, 0, -1, 1, 0, 0, 1, -1, 0, 0],
    };

    [Fact]
    public void A_row_is_answered_by_the_exit_that_is_sure_of_it()
    {
        using var probe = Probe(new() { Rule = ExitRule.WhenConfident(2, 0.9f), Probabilities = true });
        Send(probe, [3, 0.5f, float.NaN, -4], [1, 0, 1, null]);
        var answers = probe.Take<Batch>();
        Assert.Equal("time, class, confidence, exit, probability0, probability1, label",
            string.Join(", ", answers.Schema.Fields.Select(f => f.Name)));
        Assert.Equal([0L, 1, 3], answers["time"].Values<long>().ToArray());
        Assert.Equal([1, 0, 0], answers["class"].Values<int>().ToArray());
        Assert.Equal([0, 1, 0], answers["exit"].Values<int>().ToArray());
        Assert.Equal(1 / (1 + Math.Exp(-6)), answers["confidence"].Values<float>()[0], 1e-6);
        Assert.Equal(1 / (1 + Math.Exp(-8)), answers["probability0"].Values<float>()[2], 1e-6);
        Assert.Equal((1, 0, false), (answers["label"].Values<int>()[0], answers["label"].Values<int>()[1], answers["label"].IsValid(2)));
        Assert.Equal((2L, 1L, 1L),
            (probe.Metrics.Counter("exit-0"), probe.Metrics.Counter("exit-1"), probe.Metrics.RowsDropped["non-finite"]));
    }

    [Fact]
    public async Task The_multiply_adds_that_were_executed_are_charged()
    {
        var pipeline = Pipeline.Define("charged", p =>
        {
            var (answers, unsure) = p.Input<Batch>("rows", Rows)
                .Infer(Net, p.Input<Weights>("models"), new() { Rule = new(ExitMeasure.Margin, [float.NegativeInfinity]) });
            answers.Discard();
            unsure.Discard();
        });
        await using var run = pipeline.Start(null, TestContext.Current.CancellationToken);
        await run.SendAsync("rows", Batches.Of(run.Pool, Rows, new long[] { 1, 2 }, new float[] { 1, 2 }, new int?[] { 1, 1 }));
        run.Complete("rows");
        run.Complete("models");
        await run.Completion.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2 * Net.MultiplyAddsTo[0], run.Metrics["infer"].MultiplyAdds);
    }

    [Fact]
    public void Without_a_rule_the_whole_network_answers()
    {
        using var probe = Probe(new());
        Send(probe, [3, -3], [1, 0]);
        var answers = probe.Take<Batch>();
        Assert.Equal([0, 1], answers["class"].Values<int>().ToArray());
        Assert.Equal([1, 1], answers["exit"].Values<int>().ToArray());
        Assert.Equal(-1, answers.Schema.IndexOf("probability0"));
    }

    [Fact]
    public void Rows_that_no_exit_is_sure_of_go_aside_as_they_came()
    {
        using var probe = Probe(new() { Rule = ExitRule.WhenConfident(2, 0.99f), UnsureBelow = 0.8f });
        Send(probe, [3, 0.5f, 1, 0.1f], [1, 0, 1, null]);
        var (answers, unsure) = (probe.Take<Batch>(), probe.Take<Batch>(port: 1));
        Assert.Equal([0L, 2], answers["time"].Values<long>().ToArray());
        Assert.Equal([1, 0], answers["class"].Values<int>().ToArray());
        Assert.Equal(Rows, unsure.Schema);
        Assert.Equal([1L, 3], unsure["time"].Values<long>().ToArray());
        Assert.Equal([0.5f, 0.1f], unsure["x"].Values<float>().ToArray());
        Assert.Equal((true, false), (unsure["label"].IsValid(0), unsure["label"].IsValid(1)));
        Assert.Equal(2, probe.Metrics.Counter("rows-unsure"));
        Send(probe, [0.1f], [1]);
        Assert.Equal((0, 1), (probe.Count(), probe.Count(1)));
    }

    [Fact]
    public void Windows_that_no_exit_is_sure_of_go_aside_whole()
    {
        var network = new Network(new(1, 4), 2, [new GlobalMean(), new Dense(1)], [new(0, new Dense(2)), new(1, new Dense(2))]);
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Infer(network, p.Input<Weights>("models"), new() { UnsureBelow = 1 })), Rows);
        Send(probe, [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 0, 1, 1]);
        var unsure = probe.Take<Batch>(port: 1);
        Assert.Equal([1f, 2, 3, 4, 5, 6, 7, 8], unsure["x"].Values<float>().ToArray());
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_no_answer()
    {
        using var probe = Probe(new());
        probe.Control(Model with { Version = 2, Values = [.. Enumerable.Repeat(float.MaxValue, Model.Values.Length)] });
        Send(probe, [1], [1]);
        Assert.Equal((0, 1), (probe.Count(), probe.Count(1)));
    }

    [Fact]
    public void A_plan_changes_the_thresholds_and_one_of_another_model_is_dropped()
    {
        using var probe = Probe(new());
        probe.Control(ExitPlan.Of(Net, ExitRule.WhenConfident(2, 0.9f)));
        Send(probe, [3], [1]);
        Assert.Equal(0, probe.Take<Batch>()["exit"].Values<int>()[0]);
        probe.Control(ExitPlan.Of(Net, ExitRule.Never(2)) with { SchemaHash = 1 });
        probe.Control(ExitPlan.Of(Net, ExitRule.Never(2)) with { Chosen = 1 });
        Send(probe, [3], [1]);
        Assert.Equal(0, probe.Take<Batch>()["exit"].Values<int>()[0]);
        Assert.Equal(2, probe.Metrics.Drops["schema"]);
        probe.Control(ExitPlan.Of(Net, ExitRule.Never(2)));
        Send(probe, [3], [1]);
        Assert.Equal(1, probe.Take<Batch>()["exit"].Values<int>()[0]);
    }

    [Fact]
    public void A_budget_moves_along_the_curve_at_the_same_rows_however_they_are_put_into_batches()
    {
        var options = new InferOptions { Curve = Halves(), MultiplyAddsPerRow = 5 };
        using var one = Probe(options);
        using var many = Probe(options);
        var random = new RandomStream(1, "rows");
        float[] values = [.. Enumerable.Range(0, 500).Select(_ => (float)random.NextGaussian())];
        Send(one, values, new int?[500]);
        foreach (var part in values.Chunk(37)) { Send(many, part, new int?[part.Length]); }
        var whole = one.Take<Batch>()["exit"].Values<int>().ToArray();
        var parts = many.TakeAll<Batch>();
        Assert.Equal(whole, parts.SelectMany(b => b["exit"].Values<int>().ToArray()));
        Assert.Equal(one.Metrics.Gauges["multiply-adds-per-row"], many.Metrics.Gauges["multiply-adds-per-row"]);
        Assert.InRange(whole.Average(), 0.01, 0.99);
    }

    [Fact]
    public void A_budget_that_is_large_enough_leaves_the_choice_where_it_is()
    {
        using var probe = Probe(new() { Curve = Halves(), MultiplyAddsPerRow = 1000 });
        for (var i = 0; i < 10; i++) { Send(probe, [.. Enumerable.Range(0, 37).Select(v => (float)v)], new int?[37]); }
        Assert.Equal(2, probe.Metrics.Gauges["exit-choice"]);
    }

    [Fact]
    public void A_new_budget_and_events_move_the_choice_at_once()
    {
        using var probe = Probe(new() { Curve = Halves(), MultiplyAddsPerRow = 1000 });
        double Choice()
        {
            Send(probe, [1], [1]);
            return probe.Metrics.Gauges["exit-choice"];
        }

        Assert.Equal(2, Choice());
        probe.Control(new InferenceBudget { MultiplyAddsPerRow = 0.8 * Net.Plan.MultiplyAdds });
        Assert.Equal(1, Choice());
        probe.Control(new InferenceBudget { HasDrifted = true });
        Assert.Equal(2, Choice());
        probe.Control(new InferenceBudget { IsQueueFull = true });
        Assert.Equal(0, Choice());
    }

    /// <summary>The first exit of this network is always wrong, as the last sees it.</summary>
    [Fact]
    public void Where_a_loss_is_kept_to_exits_that_lose_stay_closed()
    {
        using var probe = Probe(new() { Curve = Halves(), Adaptive = new() { Bound = 0.05, Share = 0.1 } });
        Send(probe, [.. Values(300)], new int?[300]);
        Assert.All(probe.Take<Batch>()["exit"].Values<int>().ToArray(), e => Assert.Equal(1, e));
        Assert.Equal((300, 2), (probe.Metrics.Counter("rows-compared"), (int)probe.Metrics.Gauges["exit-choice"]));
    }

    [Fact]
    public void Labels_open_exits_that_the_end_does_not_agree_with_and_a_drift_closes_them()
    {
        using var probe = Probe(new() { Curve = Halves(), Adaptive = new() { Bound = 0.05, Share = 0.1 } });
        float[] values = [.. Values(1600)];
        Send(probe, values[..800], [.. values[..800].Select(v => (int?)(v > 0 ? 1 : 0))]);          // the first exit is right
        var opened = probe.Take<Batch>()["exit"].Values<int>().ToArray();
        Assert.All(opened[..96], e => Assert.Equal(1, e));
        Assert.InRange(opened[128..].Average(), 0.02, 0.25);        // a tenth is compared
        Assert.Equal(0, probe.Metrics.Counter("exit-alarms"));
        Send(probe, values[800..], [.. values[800..].Select(v => (int?)(v > 0 ? 0 : 1))]);          // the last one is
        Assert.All(probe.Take<Batch>()["exit"].Values<int>().ToArray()[100..], e => Assert.Equal(1, e));
        Assert.Equal(1, probe.Metrics.Counter("exit-alarms"));
    }

    [Fact]
    public void Rows_that_are_compared_are_paid_for_and_chosen_alike_however_rows_are_put_into_batches()
    {
        var options = new InferOptions { Curve = Halves(), Adaptive = new() { Bound = 0.05, Share = 0.1 } };
        using var one = Probe(options);
        using var many = Probe(options);
        float[] values = [.. Values(700)];
        int?[] labels = [.. values.Select(v => (int?)(v > 0 ? 1 : 0))];
        Send(one, values, labels);
        for (var i = 0; i < 700; i += 35) { Send(many, values[i..(i + 35)], labels[i..(i + 35)]); }
        var exits = one.Take<Batch>()["exit"].Values<int>().ToArray();
        Assert.Equal(exits, many.TakeAll<Batch>().SelectMany(static b => b["exit"].Values<int>().ToArray()));
        Assert.Equal(exits.Sum(e => Net.MultiplyAddsTo[e]), one.Metrics.MultiplyAdds);
        Assert.InRange(exits.Average(), 0.15, 0.5);
        Assert.True(one.Metrics.Counter("rows-compared") < 400);
    }

    [Fact]
    public void An_alarm_closes_all_exits_and_a_budget_changes_nothing_where_a_loss_is_kept_to()
    {
        using var probe = Probe(new() { Curve = Halves(), Adaptive = new() { Bound = 0.05, Share = 0.1 } });
        float[] values = [.. Values(300)];
        Send(probe, values, [.. values.Select(v => (int?)(v > 0 ? 1 : 0))]);
        probe.Control(new InferenceBudget { MultiplyAddsPerRow = 1, IsQueueFull = true });
        Send(probe, [1], [0]);
        Assert.Equal(0, probe.Metrics.Gauges["exit-choice"]);
        probe.Control(new InferenceBudget { HasDrifted = true });
        Send(probe, [1], [0]);
        Assert.Equal((2.0, 1.0), (probe.Metrics.Gauges["exit-choice"], probe.Metrics.Gauges["exit-share-compared"]));
    }

    [Fact]
    public void What_does_not_fit_is_refused_at_wiring()
    {
        Assert.Throws<ArgumentException>(() => Probe(new() { Adaptive = new() }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Curve = Halves(), Adaptive = new(), MultiplyAddsPerRow = 5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptiveExits { Share = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptiveExits { Bound = 1 });
        Assert.Throws<ArgumentException>(() => Probe(new() { Rule = ExitRule.Never(3) }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Rule = ExitRule.Never(2), Curve = Halves() }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Curve = Halves() with { Points = [] } }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Curve = Halves() with { Points = default } }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Curve = Halves() with { Points = [.. Halves().Points.Reverse()] } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MultiplyAddsPerRow = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { UnsureBelow = float.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceBudget { MultiplyAddsPerRow = double.NaN });
        Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Infer(Net, p.Input<Weights>("models"), new())), Batches.Channels(2)));
    }

    private static IEnumerable<float> Values(int rows)
    {
        var random = new RandomStream(2, "rows");
        return Enumerable.Range(0, rows).Select(_ => (float)(4 * random.NextGaussian()));
    }

    /// <summary>All, a half or none of rows from a standard normal leave at the first exit, as far as the curve knows.</summary>
    private static ExitCurve Halves() => new()
    {
        Measure = ExitMeasure.Probability,
        FullAccuracy = 0.9,
        Points =
        [
            new([0], 0.5, (double)Net.MultiplyAddsTo[0] / Net.Plan.MultiplyAdds, [1, 0]),
            new([0.7f], 0.8, 0.75, [0.5, 0.5]), new([float.PositiveInfinity], 0.9, 1, [0, 1]),
        ],
    };

    private static void Send(OperatorProbe probe, float[] values, int?[] labels) => probe.Send(
        Batches.Of(probe.Pool, Rows, Enumerable.Range(0, values.Length).Select(i => (long)i).ToArray(), values, labels));

    private static OperatorProbe Probe(InferOptions options)
    {
        var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Infer(Net, p.Input<Weights>("models"), options)
                .ControlledBy(p.Input<ExitPlan>("plans")).ControlledBy(p.Input<InferenceBudget>("budgets"))), Rows);
        probe.Control(Model);
        return probe;
    }
}
