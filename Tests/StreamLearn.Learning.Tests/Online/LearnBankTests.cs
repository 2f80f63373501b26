namespace StreamLearn.Learning.Tests;

/// <summary>The learners of a block, one for each rate and each memory of the scale, and which of them answers.</summary>
public sealed class LearnBankTests
{
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());
    private static readonly BatchPool Pool = new(guard: true);
    private static readonly LearnOptions Two = new() { Rates = [0.1f], ScaleRows = [1_000_000, 20] };

    /// <summary>Class 1 lies above class 0, by little beside the jump of both.</summary>
    [Fact]
    public void The_learner_with_the_short_memory_answers_after_a_jump_and_the_long_one_while_one_class_stays()
    {
        Assert.Equal(1, Last(static i => (i < 500 ? 0 : 1000) + (i % 2), static i => i % 2));
        Assert.Equal(0, Last(static i => i / 100 % 2, static i => i / 100 % 2));

        static double Last(Func<int, float> value, Func<int, int> label)
        {
            using var probe = Probe(Model, Two);
            for (var i = 0; i < 1000; i++) { Send(probe, value(i), label(i)); }
            return probe.Metrics.Gauges["learner"];
        }
    }

    /// <summary>The first rows are judged together, and then count anew.</summary>
    [Fact]
    public void A_glitch_among_the_first_rows_is_in_the_scale_of_no_memory()
    {
        var rows = new NewRows(Model, Two, [1_000_000, 100], Contexts.New());
        for (var i = 0; i < 50; i++)
        {
            rows.Clear();
            rows.Add([i == 5 ? 1e9f : i % 2], i % 2, 0, 1);
        }
        Assert.All(rows.Moments.ToArray(), static moments => Assert.InRange(moments.Mean(0), 0, 10));
    }

    [Fact]
    public void A_target_that_is_absurd_does_not_choose_the_learner()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), new Field("target", ColumnType.Float64, Unit.One, Nullable: true));
        var line = new Network(new(1), 1, [new Scale()], [new(0, new Dense(1))], seed: 3, objective: new SquaredError());
        using var probe = Probe(line, Two with { Rates = [1e-9f, 0.1f], ScaleRows = [1_000_000] }, schema);
        for (var i = 0; i < 500; i++)
        {
            var x = (i % 5) - 2f;
            probe.Send(Batches.Of(probe.Pool, schema, new[] { x }, new double?[] { i == 480 ? -1e9 : 10 + x }));
            probe.Take<Batch>().Dispose();
        }
        Assert.Equal(1, probe.Metrics.Gauges["learner"]);
    }

    [Fact]
    public void A_model_that_does_not_scale_has_learners_for_the_rates_alone()
    {
        var plain = new Network(new(1), 2, [new Tanh()], [new(0, new Dense(2))], seed: 1);
        Assert.Contains("at 0.1, each with scales of 1000000 and 20 rows, 1 steps", Shown(Model), StringComparison.Ordinal);
        Assert.Contains("at 0.1, 1 steps", Shown(plain), StringComparison.Ordinal);

        static string Shown(IModel model)
        {
            using var probe = Probe(model, Two);
            return probe.Pipeline.ToMermaid();
        }
    }

    [Fact]
    public void A_memory_that_a_state_does_not_have_starts_from_the_first_one()
    {
        var (one, two) = (new NewRows(Model, Two, [1_000_000], Contexts.New()), new NewRows(Model, Two, [1_000_000, 20], Contexts.New()));
        for (var i = 0; i < 50; i++)
        {
            one.Clear();
            one.Add([i % 7], 0, 0, 1);
        }
        SavedState.Of((ref StateStream s) => one.State(ref s, 1)).Into((ref StateStream s) => two.State(ref s, 1));
        Assert.Equal((one.Moments[0].Mean(0), 20L), (two.Moments[1].Mean(0), two.Moments[1].Count));
        Assert.Equal(one.Moments[0].Inverse(0), two.Moments[1].Inverse(0), 1e-9);
    }

    /// <summary>Such a state has the learners of one memory. Those of the other start from them: both answer alike at first, and after a
    /// jump the short memory is there.</summary>
    [Fact]
    public void A_state_from_before_there_were_memories_is_read()
    {
        var (one, first) = Made(Two with { ScaleRows = [1_000_000] });
        var (two, second) = Made(Two);
        var labels = Enumerable.Range(0, 800).Select(static i => new RandomStream(i, "label").NextInt32(2)).ToList();
        foreach (var label in labels[..500]) { one.Process(Row(Pool, label, label)); }
        var buffer = new StateBuffer();
        StateStream written = new(buffer);
        one.State(ref written);

        StateStream read = new(buffer.Written, Pool, format: "learn/1");
        two.State(ref read);
        foreach (var label in labels[500..])
        {
            one.Process(Row(Pool, label + 20, label));
            two.Process(Row(Pool, label + 20, label));
        }

        Assert.True(read.HasEnded);
        Assert.Equal(first.Confidence[500], second.Confidence[0]);
        Assert.Equal(labels[700..], second.Classes[200..]);
        Assert.NotEqual(labels[700..], first.Classes[700..]);
        var refusal = Assert.Throws<StateException>(() =>
        {
            StateStream other = new(buffer.Written, Pool);
            Made(Two).Learn.State(ref other);
        });
        Assert.Equal("expected 2 learners, got 1", refusal.Message);
    }

    private static (Learn Learn, Answers Answers) Made(LearnOptions options)
    {
        var answers = new Answers();
        return (new(new(Model, options), Contexts.New(), answers, new Unheard<Evaluation>(), new Unheard<Weights>()), answers);
    }

    private static OperatorProbe Probe(IModel model, LearnOptions options, Schema? schema = null) => OperatorProbe.From<Batch>(
        (p, rows) => rows.Learn(model, options).Answers.Output("answers"), schema ?? Rows);

    private static Batch Row(BatchPool pool, float x, int label) => Batches.Of(pool, Rows, new[] { x }, new int?[] { label });

    private static void Send(OperatorProbe probe, float x, int label)
    {
        probe.Send(Row(probe.Pool, x, label));
        probe.Take<Batch>().Dispose();
    }

    private sealed class Answers : IOutput<Batch>
    {
        internal List<int> Classes { get; } = [];
        internal List<float> Confidence { get; } = [];

        public void Emit(Batch item)
        {
            Classes.Add(item["class"].Values<int>()[0]);
            Confidence.Add(item["confidence"].Values<float>()[0]);
            item.Dispose();
        }
    }
}
