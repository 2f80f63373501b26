using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>A device to which no newer version comes.</summary>
public sealed class TrainAloneTests
{
    public static TheoryData<Optimizer, int> Kinds() => new()
    {
        { new Sgd(0.1f), 0 }, { new Sgd(0.1f), 3 }, { new Adam(0.1f) { Schedule = Schedule.Step(4, 0.5f) }, 0 },
        { new Adam(0.1f) { Schedule = Schedule.Step(4, 0.5f) }, 3 },
    };

    [Theory, MemberData(nameof(Kinds))]
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
        Assert.True(scores[^1].Loss < 0.9 * scores[0].Loss, $"{scores[0].Loss} to {scores[^1].Loss}");
    }

    [Fact]
    public void A_newer_version_takes_the_place_of_what_was_learned_and_of_what_the_optimizer_remembers_unless_that_is_kept()
    {
        foreach (var keeps in new[] { false, true })
        {
            var model = new Constant();
            using var probe = Probe(Options with { StepsPerUpdate = 2, KeepOptimizerState = keeps, Optimizer = Plain(0.5f) }, model);
            Send(probe, 2);
            probe.Control(model.Initial with { Version = 1, Values = [10] });
            Send(probe, 2);
            Send(probe, 2);
            // a gradient of 1: velocities 1 and 1.5; then again these or on with 1.75 and 1.875, and on in any case
            var updates = probe.TakeAll<WeightDelta>().Select(u => (u.BaseVersion, -u.Values[0]));
            Assert.Equal(keeps ? [(0L, 2.5f), (1, 3.625f), (1, 3.90625f)] : [(0L, 2.5f), (1, 2.5f), (1, 3.625f)], updates);
            Assert.Equal(keeps ? [0, -1, 10, 8.25f, 6.375f, 4.4375f] : [0, -1, 10, 9, 7.5f, 5.75f], model.Seen);
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
        Assert.All(held.Skip(1), h => Assert.InRange(h, 12, 30));       // on its way from 1 to 25; what the last round added is less
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
        internal List<float> Seen { get; } = [];

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            Seen.Add(weights[0]);
            gradients[0] = 1;
            return 1;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Clear();
    }
}
