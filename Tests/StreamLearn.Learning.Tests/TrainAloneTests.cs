using StreamLearn.Testing;

namespace StreamLearn.Learning.Tests;

/// <summary>A device to which no newer version comes.</summary>
public sealed class TrainAloneTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    public static TheoryData<Optimizer, int> Kinds() => new()
    {
        { new Sgd(0.1f), 0 },
        { new Sgd(0.1f), 3 },
        { new Adam(0.1f) { Schedule = Schedule.Step(4, 0.5f) }, 0 },
        { new Adam(0.1f) { Schedule = Schedule.Step(4, 0.5f) }, 3 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_learns_by_many_updates_what_it_learns_by_one(Optimizer optimizer, int version)
    {
        using var one = Run(new() { Optimizer = optimizer, StepsPerUpdate = 24 }, version);
        using var many = Run(new() { Optimizer = optimizer, StepsPerUpdate = 4 }, version);

        var (whole, parts) = (one.Take<WeightDelta>(), many.TakeAll<WeightDelta>());
        Assert.Equal((6, 24), (parts.Count, parts.Sum(u => u.Steps)));
        Assert.All(parts, u => Assert.Equal(version, u.BaseVersion));
        var sum = parts.Aggregate(WeightDelta.Add);
        for (var i = 0; i < sum.Values.Length; i++) { Assert.Equal(whole.Values[i], sum.Values[i], 1e-5f); }
        var (all, scores) = (one.Take<Evaluation>(port: 1), many.TakeAll<Evaluation>(port: 1));
        Assert.Equal(all.Loss, scores.Sum(s => s.Loss * s.Rows) / all.Rows, 1e-9);     // each row was answered by the same weights
        Assert.True(scores[^1].Loss < 0.7 * scores[0].Loss, $"{scores[0].Loss} to {scores[^1].Loss}");
    }

    [Fact]
    public void A_newer_version_takes_the_place_of_what_it_learned_and_of_what_its_optimizer_remembers()
    {
        var options = Options with { StepsPerUpdate = 4 };
        using var seasoned = Probe(options);
        Send(seasoned, 10);
        seasoned.Control(Version(3));
        _ = seasoned.TakeAll<WeightDelta>();
        Send(seasoned, 2);      // ends the round at hand
        var before = seasoned.Take<WeightDelta>();
        Send(seasoned, 4);
        using var fresh = Probe(options);
        fresh.Control(Version(3));
        Send(fresh, 4);

        var (again, first) = (seasoned.Take<WeightDelta>(), fresh.Take<WeightDelta>());
        Assert.Equal((0L, 3L), (before.BaseVersion, again.BaseVersion));
        Assert.Equal(first.Values, again.Values);
    }

    [Fact]
    public void What_the_optimizer_remembers_lives_on_over_versions_if_that_is_asked_for()
    {
        var model = new Constant();
        foreach (var keeps in new[] { false, true })
        {
            using var probe = Probe(Options with { StepsPerUpdate = 2, KeepOptimizerState = keeps, Optimizer = Plain(0.5f) }, model);
            Send(probe, 2);
            probe.Control(model.Initial with { Version = 1 });
            Send(probe, 2);
            Send(probe, 2);

            // a gradient of 1: velocities 1 and 1.5, then again 1 and 1.5, or on with 1.75 and 1.875
            var updates = probe.TakeAll<WeightDelta>().Select(u => (u.BaseVersion, -u.Values[0])).ToList();
            (long, float) second = keeps ? (1, 3.625f) : (1, 2.5f);
            Assert.Equal([(0, 2.5f), second], updates.Where((_, i) => i != 1 || updates.Count == 2));
        }
    }

    [Fact]
    public void Statistics_are_told_as_they_are_against_the_version()
    {
        var network = new Network(new(1), 2, [new BatchNorm()], [new(0, new Dense(2))]);
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(
            network, p.Input<Weights>("models"), Options)), Rows);
        Send(probe, 24);
        for (var i = 0; i < 6; i++) { probe.Advance(TimeSpan.Zero); }

        var updates = probe.TakeAll<WeightDelta>();
        var variance = network.Plan.Statistics[^1];
        Assert.True(updates.Count >= 4, $"{updates.Count} updates");
        var held = updates.Select(u => network.Initial.Values[variance.Offset] + u.Values[variance.Offset]).ToList();
        for (var i = 1; i < held.Count; i++) { Assert.True(held[i] > held[i - 1], string.Join(' ', held)); }       // on its way to 25
    }

    [Fact]
    public void It_says_so_where_the_optimizer_state_is_kept() => Assert.EndsWith(
        "free, optimizer state kept", new TrainOptions { KeepOptimizerState = true }.ToString(), StringComparison.Ordinal);

    private static TrainOptions Options => new() { StartAfterRows = 1, BufferRows = 64, BatchRows = 4, StepsPerUpdate = 4 };

    private static Sgd Plain(float momentum) => new(1, momentum, ClipNorm: float.PositiveInfinity);

    private static OperatorProbe Run(TrainOptions options, int version)
    {
        var probe = Probe(Options with { Optimizer = options.Optimizer, StepsPerUpdate = options.StepsPerUpdate });
        if (version > 0) { probe.Control(Version(version)); }
        for (var i = 0; i < 24; i++) { Send(probe, 1, i); }
        return probe;
    }

    private static Weights Version(long version) =>
        new() { Version = version, SchemaHash = Model.Plan.SchemaHash, Values = [0, 1, 0.5f, -0.5f, 0, 0], Scale = new(2, [0], [1]) };

    private static OperatorProbe Probe(TrainOptions options, IModel? model = null) => OperatorProbe.From<Batch>(
        (p, rows) => OperatorProbe.Use(rows.Train(model ?? Model, p.Input<Weights>("models"), options)), Rows);

    private static void Send(OperatorProbe probe, int rows, int from = 0)
    {
        int[] labels = [.. Enumerable.Range(from, rows).Select(i => i & 1)];
        probe.Send(Batches.Of(probe.Pool, Rows, labels.Select(l => l == 0 ? -5f : 5f).ToArray(), labels));
    }

    /// <summary>One value whose gradient is always 1.</summary>
    private sealed class Constant : IModel
    {
        public ModelPlan Plan { get; } = new(new(1), 2, 1, [("value", SliceKind.Trained, 1)]);

        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0] };

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            gradients[0] = 1;
            return 1;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Clear();
    }
}
