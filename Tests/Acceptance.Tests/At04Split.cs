namespace Acceptance.Tests;

/// <summary>Section 4: split learning over simulated links.</summary>
public sealed class At04Split
{
    private const int Batches = 50;
    private const int BatchRows = 8;
    private static readonly Network Network = HarNetwork.Create(seed: 3);
    private static readonly int Layers = Network.Layers.Length;

    /// <summary>
    /// Batch norm, whose statistics run along, on both sides of most splits, and dropout, whose random numbers are named by the batch; with
    /// the exits of the other network.
    /// </summary>
    private static readonly Network Normalized = new(
        Network.Plan.Input,
        HarNetwork.Classes,
        [
            new Scale(), new Conv1d(8, 9, 2, 4), new BatchNorm(), new Relu(),
            new Conv1d(12, 9, 2, 4), new BatchNorm(), new Dropout(0.2f),
        ],
        [
            new(3, new Sequential(new GlobalMeanMax(), new Dense(HarNetwork.Classes)), 0.5f),
            new(6, new Sequential(new GlobalMeanMax(), new Dense(HarNetwork.Classes))),
        ],
        seed: 4);

    private static readonly SplitTrainOptions Options = new()
    {
        Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity),
        BatchRows = BatchRows,
    };

    public static TheoryData<int> Splits => [.. Enumerable.Range(0, Layers + 1)];

    /// <summary>The middle may hold any layers but the one before the first exit, which needs labels.</summary>
    public static TheoryData<int, int> Middles => [.. from first in Enumerable.Range(1, Layers - 2)
        from end in Enumerable.Range(first + 1, Layers - 1 - first)
        where first > 3 || end <= 3
        select (first, end)];

    [Theory]
    [MemberData(nameof(Splits))]
    public void AT_4n_Split_at_any_layer_fifty_batches_give_the_weights_of_one_machine_bit_for_bit(int split)
    {
        var fleet = new Fleet(split);

        var model = fleet.Run();

        Same(OneMachine(Options.Optimizer), model);
        Assert.Equal(split == Layers ? 0 : Batches, fleet.Sent.Count);
        if (split == 4) { Assert.Equal(3 * Batches * BatchRows * Network.MultiplyAddsTo[0], fleet.FrontWork); }
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void AT_4n_With_batch_norm_dropout_and_momentum_too(int split)
    {
        var whole = OneMachine(Options.Optimizer, Normalized);
        Same(whole, new Fleet(split, network: Normalized).Run());
        foreach (var slice in Normalized.Plan.Statistics)
        {
            Assert.False(slice.Of(whole.AsSpan()).SequenceEqual(slice.Of(Normalized.Initial.Values.AsSpan())), slice.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Middles))]
    public void AT_4n_With_batch_norm_dropout_and_its_ends_on_the_device_too(int first, int end) =>
        Same(OneMachine(Options.Optimizer, Normalized), new Fleet(first, end: end, network: Normalized)
        {
            Plan = new() { Split = end, FromSequence = Batches + 1 },
        }.Run());

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void AT_4n_Adam_gives_the_same_on_both_sides_of_a_split(int split) =>
        Same(OneMachine(new Adam(0.01f)), new Fleet(split, Options with { Optimizer = new Adam(0.01f) }).Run());

    [Theory]
    [InlineData(2, 5)]
    [InlineData(6, 1)]
    public void AT_4n_A_split_that_moves_on_the_way_gives_the_same(int split, int to)
    {
        var fleet = new Fleet(split) { Plan = new() { Split = to, FromSequence = 25 } };

        Same(OneMachine(Options.Optimizer), fleet.Run());
        Assert.Equal(to, fleet.Reported);
    }

    [Theory]
    [MemberData(nameof(Middles))]
    public void AT_4n_With_its_ends_on_the_device_it_gives_the_same_and_no_label_leaves(int first, int end)
    {
        var fleet = new Fleet(first, end: end) { Plan = new() { Split = end, FromSequence = Batches + 1 } };

        Same(OneMachine(Options.Optimizer), fleet.Run());

        Assert.Equal(Batches + 1, fleet.Sent.Count);      // the last asks for the layers of the edge
        Assert.All(fleet.Sent, sent => Assert.Empty(sent.Labels));
    }

    private static void Same(float[] expected, float[] got)
    {
        for (var i = 0; i < expected.Length; i++) { Assert.Equal(expected[i], got[i], 1e-5 * Math.Max(1, Math.Abs(expected[i]))); }
        Assert.Equal(expected, got);
    }

    private static float[] OneMachine(Optimizer optimizer, Network? network = null, int skipped = int.MaxValue)
    {
        network ??= Network;
        float[] weights = [.. network.Initial.Values];
        var (gradients, state, memory) = (new float[weights.Length], new float[optimizer.StateValues * weights.Length], new Workspace());
        for (var b = 0; b < Batches; b++)
        {
            var (features, labels) = SplitRows.Windows(network, BatchRows, device: 0, b);
            Sample batch = new(features, labels) { Number = b + 1 < skipped ? b + 1 : b + 2 };
            network.Step(weights, batch, optimizer, state, b + 1, gradients, memory);
        }

        return weights;
    }

    /// <summary>One device and one edge over a slow link: in two parts, or in three with both ends on the device.</summary>
    private sealed class Fleet(int split, SplitTrainOptions? options = null, int? end = null, Network? network = null)
    {
        private readonly Network _network = network ?? Network;
        private readonly SplitTrainOptions _options = options ?? Options;
        private readonly List<SplitReport> _front = [];
        private readonly List<SplitReport> _tail = [];

        internal SplitPlan? Plan { get; init; }

        internal List<Activations> Sent { get; } = [];

        internal long FrontWork { get; private set; }

        internal int Reported => _front[^1].End;

        internal float[] Run()
        {
            using var world = new VirtualWorld(new() { GuardMemory = true });
            var air = world.Transport("air");
            world.Add(end is null ? Edge(air) : EdgeMiddle(air));
            world.Add(Pipeline.Define("audit", p => p.Subscribe(air, "activations", LearningCodecs.Activations).ForEach("sent", Sent.Add)));
            if (Plan is { } plan) { world.Add(Planner(air, plan)); }
            var device = world.Add(Device(air), new() { MultiplyAddsPerSecond = 5e7 },
                new() { UpBitsPerSecond = 2e6, DownBitsPerSecond = 2e6, Delay = TimeSpan.FromMilliseconds(30) });
            world.RunToEnd(TestContext.Current.CancellationToken);

            Assert.Null(device.Failure);
            foreach (var block in device.Metrics.Blocks) { Assert.Empty(block.Drops); }
            Assert.Equal(0, world.Pool.RentedBatches);
            FrontWork = device.Metrics["split-front"].MultiplyAdds;
            return [.. SplitReport.Join(_network, _front[^1], _tail[^1]).Values];
        }

        private static Pipeline Planner(ITransport air, SplitPlan plan) => Pipeline.Define("planner", p =>
            p.From("plans", plan, static (SplitPlan plan, OperatorContext context) => new OneMessage<SplitPlan>(plan, context.Now))
                .Publish(air, "plans", LearningCodecs.SplitPlans));

        private Pipeline Device(ITransport air) => Pipeline.Define("device", p =>
        {
            var gradients = p.Subscribe(air, "gradients", LearningCodecs.BoundaryGradients);
            var plans = p.Subscribe(air, "plans", LearningCodecs.SplitPlans);
            var given = new SplitRowsOptions(_network, BatchRows, Device: 0, Batches);
            var rows = p.From("rows", given, SplitRows.Open, given.Columns);
            var (activations, reports) = rows.SplitTrain(_network, split, gradients, plans, _options);
            reports.ForEach("front-reports", _front.Add);
            if (end is not { } tail)
            {
                activations.Publish(air, "activations", LearningCodecs.Activations);
                return;
            }

            activations.WithoutLabels().Publish(air, "activations", LearningCodecs.Activations);
            var hidden = p.Subscribe(air, "hidden", LearningCodecs.Activations);
            var (back, ends) = hidden.SplitTrain(_network, tail, activations, _options);
            back.Publish(air, "hidden-gradients", LearningCodecs.BoundaryGradients);
            ends.ForEach("tail-reports", _tail.Add);
        });

        private Pipeline Edge(ITransport air) => Pipeline.Define("edge", p =>
        {
            var (gradients, reports) = p.Subscribe(air, "activations", LearningCodecs.Activations)
                .SplitTrain(_network, split, options: _options);
            gradients.Publish(air, "gradients", LearningCodecs.BoundaryGradients);
            reports.ForEach("tail-reports", _tail.Add);
        });

        private Pipeline EdgeMiddle(ITransport air) => Pipeline.Define("edge", p =>
        {
            var back = p.Subscribe(air, "hidden-gradients", LearningCodecs.BoundaryGradients);
            var (hidden, gradients) = p.Subscribe(air, "activations", LearningCodecs.Activations)
                .SplitTrain(_network, split, end!.Value, back, _options);
            hidden.Publish(air, "hidden", LearningCodecs.Activations);
            gradients.Publish(air, "gradients", LearningCodecs.BoundaryGradients);
        });
    }
}
