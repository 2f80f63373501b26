namespace StreamLearn.Learning.Tests;

/// <summary>A model that learns by itself: answers before it learns, row by row, whatever the batches.</summary>
public sealed class LearnTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(2, 2, seed: 1);
    private static readonly LearnOptions One = new() { Rates = [], ScaleRows = [1_000_000], Optimizer = new Sgd(0.1f, Momentum: 0) };

    [Fact]
    public void The_same_rows_give_the_same_answers_and_versions_in_batches_of_any_size()
    {
        var bySize = new[] { 1, 7, 100 }.Select(size => Run(Model, new() { EveryRows = 100 }, 300, size)).ToList();
        Assert.Equal(300, bySize[0].Answers.Count);
        Assert.All(bySize, run => Assert.Equal(bySize[0].Answers, run.Answers));
        Assert.All(bySize, run => Assert.Equal(bySize[0].Last.Sha256(), run.Last.Sha256()));
    }

    [Fact]
    public void No_row_is_answered_with_what_its_own_label_taught()
    {
        var (right, rows) = (Run(Model, One, 1, 1), Rows);
        using var probe = Probe(Model, One);
        probe.Send(Batches.Of(probe.Pool, rows, new[] { 0f, 0 }, new[] { 0f, 0 }, new int?[] { 0, 1 }));
        var answers = probe.Take<Batch>();
        // the second row is the first one with the other label: it is answered with what the first one taught, and wrongly
        Assert.Equal(0, answers["class"].Values<int>()[1]);
        Assert.Single(right.Answers);
    }

    [Fact]
    public void A_row_without_a_label_is_answered_and_teaches_nothing()
    {
        using var probe = Probe(Model, One);
        var batch = Batches.Of(probe.Pool, Rows, new[] { 1f, 2, 3 }, new[] { 1f, 2, 3 }, new int?[] { 0, null, 7 });
        probe.Send(batch);
        Assert.Equal(3, probe.Take<Batch>().Rows);
        Assert.Equal((1, 1, 1),
            (probe.Metrics.Counter("rows-learned"), probe.Metrics.Counter("rows-untold"), probe.Metrics.Counter("labels-bad")));
    }

    [Fact]
    public void A_row_that_overflows_on_its_way_is_dropped_and_counted_and_judges_nobody()
    {
        using var probe = Probe(Model, One with { EveryRows = 4 });
        float[] x = [1, 1e38f, -1e38f, 2], y = [1, 1e38f, -1e38f, 2];
        probe.Send(Batches.Of(probe.Pool, Rows, x.Select(static v => v * 3).ToArray(), y, new int?[] { 0, 1, 0, 1 }));
        probe.Send(Batches.Of(probe.Pool, Rows, new[] { 3e38f, 3e38f, 3e38f, 3e38f }, new[] { 3e38f, -3e38f, 3e38f, -3e38f },
            new int?[] { 0, 1, 0, 1 }));
        var answers = probe.TakeAll<Batch>();
        var evaluations = probe.TakeAll<Evaluation>(port: 1);
        Assert.All(answers, static a => Assert.All(a["confidence"].Values<float>().ToArray(), static c => Assert.InRange(c, 0.5f, 1)));
        Assert.True(probe.Metrics.RowsDropped["non-finite"] > 0);
        Assert.Equal(8, answers.Sum(static a => a.Rows) + probe.Metrics.RowsDropped["non-finite"]);
        Assert.All(evaluations, static e => Assert.True(double.IsFinite(e.Loss)));
        Assert.Equal(answers.Sum(static a => a.Rows), evaluations.Sum(static e => e.Rows));
    }

    /// <summary>Over these rows the learners' rates make the difference: the second answers best.</summary>
    [Fact]
    public void The_learner_that_answered_best_of_late_answers()
    {
        var run = Run(Model, One with { Rates = [1e-6f, 0.3f] }, 400, 10);
        var slow = Run(Model, One with { Optimizer = new Sgd(1e-6f, Momentum: 0) }, 400, 10);
        var fast = Run(Model, One with { Optimizer = new Sgd(0.3f, Momentum: 0) }, 400, 10);
        Assert.Equal(fast.Answers[100..], run.Answers[100..]);
        Assert.Equal(fast.Last.Sha256(), run.Last.Sha256());
        Assert.NotEqual(slow.Last.Sha256(), run.Last.Sha256());
    }

    [Fact]
    public void A_class_that_counts_nothing_teaches_nothing_and_a_weight_of_two_counts_twice()
    {
        var none = Run(Model, One with { ClassWeights = [0, 0] }, 50, 5);
        Assert.Equal(Model.Initial.Values.AsSpan()[4..].ToArray(), none.Last.Values.AsSpan()[4..].ToArray());      // behind the scale
        Span<float> one = stackalloc float[Model.Plan.Values], two = stackalloc float[Model.Plan.Values];
        var memory = new Workspace();
        ReadOnlySpan<float> features = [1, 2, -1, 0.5f];
        Model.Loss(Model.Initial.Values.AsSpan(), new(features, [0, 1]) { RowWeights = [2, 1] }, two, memory);
        Model.Loss(Model.Initial.Values.AsSpan(), new([1, 2, 1, 2, -1, 0.5f], [0, 0, 1]), one, memory);
        for (var i = 4; i < one.Length; i++) { Assert.Equal(one[i] * 3 / 2, two[i], 1e-6); }
    }

    [Fact]
    public void An_alarm_raises_the_rate_and_a_warning_does_not()
    {
        var steady = Run(Model, One, 40, 1);
        var warned = Run(Model, One, 40, 1, Alarm(DriftLevel.Warning));
        var raised = Run(Model, One, 40, 1, Alarm(DriftLevel.Drift));
        var fast = Run(Model, One with { Optimizer = new Sgd(0.3f, Momentum: 0) }, 40, 1);
        Assert.Equal(steady.Last.Sha256(), warned.Last.Sha256());
        Assert.Equal(fast.Last.Sha256(), raised.Last.Sha256());       // three times the rate for 200 steps
    }

    [Fact]
    public void A_head_that_begins_anew_has_its_first_weights_and_the_other_layers_keep_theirs()
    {
        var network = new Network(new(2), 2, [new Dense(3), new Tanh()], [new(1, new Dense(2))], seed: 2);
        using var probe = Probe(network, One with { Reaction = new() { ResetHead = true }, EveryRows = 10 });
        Send(probe, 0, 9);
        probe.Control(Alarm(DriftLevel.Drift));
        probe.Send(Batches.Of(probe.Pool, Rows, new[] { 1f }, new[] { 1f }, new int?[] { null }));      // the tenth teaches nothing
        var version = probe.Take<Weights>(2);
        var (first, last) = (network.Plan.Slices.First(static s => s.Kind == SliceKind.Trained), network.Plan.Slices[^1]);
        Assert.NotEqual(first.Of(network.Initial.Values.AsSpan()).ToArray(), first.Of(version.Values.AsSpan()).ToArray());
        Assert.Equal(last.Of(network.Initial.Values.AsSpan()).ToArray(), last.Of(version.Values.AsSpan()).ToArray());
    }

    [Fact]
    public void Versions_have_rising_numbers_and_what_infer_answers_with_them_is_what_was_learned()
    {
        var run = Run(Model, new() { EveryRows = 100 }, 350, 50);
        Assert.Equal([1, 2, 3, 4], run.Versions.Select(static v => v.Version));
        Assert.Equal([100L, 100, 100, 50], run.Evaluations.Select(static e => e.Rows));
        Assert.InRange(run.Evaluations[^1].Accuracy, 0.9, 1);
        Assert.True(Finite.All(run.Last.Values.AsSpan()));
    }

    [Fact]
    public void A_row_that_is_absurd_does_not_spoil_what_was_learned()
    {
        using var probe = Probe(Model, new() { EveryRows = 1000 });
        Send(probe, 0, 300);
        probe.Send(Batches.Of(probe.Pool, Rows, new[] { 3e38f }, new[] { -3e38f }, new int?[] { 1 }));
        Send(probe, 300, 699);
        probe.Complete();
        Assert.True(Finite.All(probe.Take<Weights>(2).Values.AsSpan()));
        Assert.InRange(probe.Take<Evaluation>(1).Accuracy, 0.92, 1);      // 0.933 is the best there is
    }

    [Theory, InlineData(20, 95, 101), InlineData(1_000_000, 15, 25)]
    public void Older_rows_fade_out_of_the_scale(long scaleRows, float least, float most)
    {
        using var probe = Probe(Model, One with { ScaleRows = [scaleRows], EveryRows = 500 });
        for (var i = 0; i < 500; i++)
        {
            var level = i < 400 ? 0f : 100;
            probe.Send(Batches.Of(probe.Pool, Rows, new[] { level + (i % 3) - 1 }, new[] { i % 2f }, new int?[] { i % 2 }));
        }
        Assert.InRange(probe.Take<Weights>(2).Values[0], least, most);      // the mean of x
    }

    [Fact]
    public void Rows_that_are_learned_from_again_come_from_the_buffer()
    {
        var once = Run(Model, One, 60, 1);
        var again = Run(Model, One with { ReplayRows = 4, BufferRows = 16 }, 60, 1);
        var only = Run(Model, One with { ReplayRows = 4, BufferRows = 1 }, 60, 1);       // the newest row, five times
        Assert.NotEqual(once.Last.Sha256(), again.Last.Sha256());
        Assert.Equal(once.Last.Values.AsSpan()[4..].ToArray(), only.Last.Values.AsSpan()[4..].ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    /// <summary>The same values are of the other class after the alarm: rows from before it say otherwise, and tell the scale all the
    /// same.</summary>
    [Fact]
    public void A_buffer_that_begins_anew_has_no_rows_from_before_the_alarm_and_the_scale_has()
    {
        var (kept, refilled) = (Answered(refill: false), Answered(refill: true));

        Assert.True(refilled.Wrong < kept.Wrong, $"{refilled.Wrong} of 200, {kept.Wrong} with the rows before it");
        Assert.Equal(kept.Version.Values[..4], refilled.Version.Values[..4]);

        static (int Wrong, Weights Version) Answered(bool refill)
        {
            var reaction = new DriftReaction(1, 0) { Refill = refill };
            using var probe = Probe(
                Model, One with { ReplayRows = 8, BufferRows = 64, Reaction = reaction, Drift = null, EveryRows = 200 });
            var wrong = 0;
            for (var i = 0; i < 200; i++)
            {
                if (i == 100) { probe.Control(Alarm(DriftLevel.Drift)); }
                probe.Send(Batches.Of(probe.Pool, Rows, new[] { (i % 5f) + (i / 100) }, new[] { 1f }, new int?[] { i / 100 }));
                using var answer = probe.Take<Batch>();
                wrong += answer["class"].Values<int>()[0] == i / 100 ? 0 : 1;
            }

            return (wrong, probe.Take<Weights>(2));
        }
    }

    [Fact]
    public void Only_the_answers_must_go_somewhere()
    {
        Pipeline.Define("answers", static p => p.Input<Batch>("in", Rows).Learn(Model).Answers.Discard());
        var refusal = Assert.Throws<PipelineDefinitionException>(
            static () => Pipeline.Define("versions", static p => p.Input<Batch>("in", Rows).Learn(Model).Versions.Discard()));
        Assert.Contains("its output goes nowhere", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A value that is the sum of two columns, learned by itself.</summary>
    [Fact]
    public void A_model_of_a_value_learns_too()
    {
        var schema = new Schema(
            Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), new Field("target", ColumnType.Float64, Unit.One, Nullable: true));
        var network = new Network(new(2), 1, [new Scale()], [new(0, new Dense(1))], seed: 3, objective: new SquaredError());
        using var probe = OperatorProbe.From<Batch>((p, rows) =>
        {
            var learned = rows.Learn(network, new() { EveryRows = 500 });
            learned.Answers.Output("main");
            learned.Evaluations.Output("evaluations");
        }, schema);
        var random = new RandomStream(1, "sum");
        for (var i = 0; i < 2000; i++)
        {
            var (x, y) = ((float)random.NextGaussian(), (float)random.NextGaussian());
            probe.Send(Batches.Of(probe.Pool, schema, new[] { x }, new[] { y }, new double?[] { x + y }));
            probe.Take<Batch>().Dispose();
        }

        var losses = Enumerable.Range(0, 4).Select(_ => probe.Take<Evaluation>(1).Loss).ToList();
        Assert.InRange(losses[^1], 0, losses[0] / 10);
    }

    private static DriftAlarm Alarm(DriftLevel level) => new() { Device = "", Block = "other", Level = level, Row = 1, Mean = 0 };

    private static OperatorProbe Probe(IModel model, LearnOptions options) => OperatorProbe.From<Batch>((p, rows) =>
    {
        var learned = rows.Learn(model, p.Input<DriftAlarm>("alarms"), options);
        learned.Answers.Output("main");
        learned.Evaluations.Output("evaluations");
        learned.Versions.Output("versions");
    }, Rows);

    /// <summary>Two classes that overlap little.</summary>
    private static void Send(OperatorProbe probe, int from, int count, int size = 1)
    {
        for (var at = from; at < from + count; at += size)
        {
            var rows = Math.Min(size, from + count - at);
            var (x, y, labels) = (new float[rows], new float[rows], new int?[rows]);
            for (var r = 0; r < rows; r++)
            {
                var random = new RandomStream(at + r, "rows");
                labels[r] = random.NextInt32(2);
                (x[r], y[r]) = ((float)(random.NextGaussian() + (3 * labels[r]!.Value)), (float)random.NextGaussian());
            }
            probe.Send(Batches.Of(probe.Pool, Rows, x, y, labels));
        }
    }

    private static Result Run(IModel model, LearnOptions options, int count, int size, DriftAlarm? alarm = null)
    {
        using var probe = Probe(model, options);
        if (alarm is not null) { probe.Control(alarm); }
        Send(probe, 0, count, size);
        probe.Complete();
        var answers = new List<float>();
        while (probe.Count() > 0)
        {
            using var batch = probe.Take<Batch>();
            for (var r = 0; r < batch.Rows; r++) { answers.Add(batch["class"].Values<int>()[r] + batch["confidence"].Values<float>()[r]); }
        }

        return new(answers, probe.TakeAll<Evaluation>(1), probe.TakeAll<Weights>(2));
    }

    private sealed record Result(List<float> Answers, IReadOnlyList<Evaluation> Evaluations, IReadOnlyList<Weights> Versions)
    {
        internal Weights Last => Versions[^1];
    }
}
