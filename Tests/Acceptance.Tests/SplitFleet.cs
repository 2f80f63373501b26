using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>A fleet that trains in rounds over simulated links, with an edge and an aggregator; and the same by a plain loop.</summary>
internal sealed class SplitFleet(Network network, SplitTrainOptions options, int rounds, params int[] splits)
{
    internal static readonly DateTimeOffset Start = new WorldOptions().Start;

    internal Strategy? Strategy { get; init; }

    internal ServeSplitOptions? Serving { get; init; }

    internal SplitPlan[] Plans { get; init; } = [];

    internal Func<int, DeviceProfile> Profile { get; init; } = static _ => new() { MultiplyAddsPerSecond = 5e7 };

    internal DeviceProfile EdgeProfile { get; init; } = DeviceProfile.Unlimited;

    internal ICodec<Activations> Forward { get; init; } = LearningCodecs.Activations;

    internal ICodec<BoundaryGradients> Back { get; init; } = LearningCodecs.BoundaryGradients;

    /// <summary>What plans at the edge; null: the plans that are given.</summary>
    internal PlanSplitsOptions? Planning { get; init; }

    internal List<PlannedSplits> Planned { get; } = [];

    internal Func<int, LinkProfile> Link { get; init; } =
        static _ => new() { UpBitsPerSecond = 4e6, DownBitsPerSecond = 4e6, Delay = TimeSpan.FromMilliseconds(5) };

    internal Action<VirtualWorld, ITransport>? Script { get; init; }

    internal List<Weights> Versions { get; } = [];

    internal List<TimeSpan> MadeAt { get; } = [];

    internal LinkProfile? EdgeLink { get; init; }

    internal List<Round> Rounds { get; } = [];

    internal List<Activations> Sent { get; } = [];

    internal List<BoundaryGradients> Answers { get; } = [];

    internal VirtualDevice[] Devices { get; private set; } = [];

    internal TimeSpan Elapsed { get; private set; }

    internal long SessionBytes { get; private set; }

    internal string[] Edges { get; init; } = ["edge"];

    /// <summary>Bytes of the largest session that a device carries from edge to edge; null: the edges reach each other.</summary>
    internal long? Carries { get; init; }

    internal float[] Run()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        world.Add(Aggregator(world, air));
        foreach (var edge in Edges) { world.Add(Edge(edge, air), EdgeProfile, EdgeLink); }
        world.Add(Pipeline.Define("audit", p =>
        {
            p.Subscribe(air, "up/+", Forward).ForEach("sent", Sent.Add);
            p.Subscribe(air, "down/+", Back).ForEach("answers", Answers.Add);
        }));
        if (Planning is not null) { world.Add(Echo(air)); }
        if (Plans.Length > 0) { world.Add(Planner(air)); }
        Devices = [.. Enumerable.Range(0, splits.Length).Select(d => world.Add(Device(d, air), Profile(d), Link(d)))];
        Script?.Invoke(world, air);
        if (Planning is null) { world.RunToEnd(TestContext.Current.CancellationToken); }
        else
        {
            // probes never end: the world is drained once all rounds are made
            while (Versions.Count < rounds) { world.RunFor(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken); }
            world.Drain(TestContext.Current.CancellationToken);
        }

        Assert.All(world.Devices, static device => Assert.Null(device.Failure));
        Assert.Equal(0, world.Pool.RentedBatches);
        Elapsed = world.Elapsed;
        SessionBytes = world.Devices.Where(d => Edges.Contains(d.Name))
            .Sum(static d => d.Metrics["publish sessions"].Counters.GetValueOrDefault("bytes-published"));
        return [.. Versions[^1].Values];
    }

    internal static float[] ByHand(Network network, SplitTrainOptions options, int rounds, int devices)
    {
        float[] global = [.. network.Initial.Values];
        for (var r = 0; r < rounds; r++)
        {
            var sum = new double[global.Length];
            for (var d = 0; d < devices; d++)
            {
                var weights = OneRound(network, options, global, d, r);
                for (var i = 0; i < sum.Length; i++) { sum[i] += weights[i]; }
            }

            for (var i = 0; i < sum.Length; i++) { global[i] = (float)(sum[i] / devices); }
        }

        return global;
    }

    internal static float[] OneRound(Network network, SplitTrainOptions options, float[] from, int device, int round)
    {
        float[] weights = [.. from];
        var state = new float[options.Optimizer.StateValues * weights.Length];
        var (gradients, memory) = (new float[weights.Length], new Workspace());
        for (var b = 0; b < options.RoundBatches; b++)
        {
            var (features, labels) = SplitRows.Windows(network, options.BatchRows, device, (round * options.RoundBatches) + b);
            network.Step(weights, new(features, labels), options.Optimizer, state, b + 1, gradients, memory);
        }

        return weights;
    }

    internal Pipeline Device(int device, ITransport air, string? edge = null) => Pipeline.Define($"device-{device}", p =>
    {
        var gradients = p.Subscribe(air, $"down/device-{device}", Back);
        if (Planning is not null)
        {
            var (probes, estimates) = p.Subscribe(air, $"echo/device-{device}", NodesCodecs.LinkProbes)
                .ProbeLink(freshness: ProbeEvery);
            probes.Publish(air, "probes", NodesCodecs.LinkProbes);
            estimates.Publish(air, "links", NodesCodecs.LinkEstimates);
        }

        if (Carries is { } most)
        {
            p.Subscribe(air, $"carry/device-{device}", LearningCodecs.SessionTransfers).Filter("fits", m => m.SizeBytes <= most)
                .PublishTo(air, "sessions/{edge}", LearningCodecs.SessionTransfers, static m => m.Recipient);
        }

        var given = new SplitRowsOptions(network, options.BatchRows, device, Batches);
        var rows = p.From("rows", given, SplitRows.Open, given.Columns);
        var (activations, reports) = rows.SplitTrain(network, splits[device], gradients,
            options: options with { Resources = Resources(device) });
        reports.ForEach("reports", static _ => { });
        activations.PublishTo(air, "up/{edge}", Forward, a => a.Edge ?? edge ?? Edges[0]);
    });

    private Pipeline Echo(ITransport air) => Pipeline.Define("echo", p => p.Subscribe(air, "probes", NodesCodecs.LinkProbes).EchoProbes()
        .PublishTo(air, "echo/{device}", NodesCodecs.LinkProbes, static e => e.Device));

    internal Pipeline Edge(string name, ITransport air) => Pipeline.Define(name, p =>
    {
        var versions = p.Subscribe(air, "versions", LearningCodecs.Weights);
        var plans = Plans.Length == 0 ? null : p.Subscribe(air, "plans", LearningCodecs.SplitPlans);
        var transfers = p.Subscribe(air, $"sessions/{name}", LearningCodecs.SessionTransfers);
        var up = p.Subscribe(air, $"up/{name}", Forward);
        if (Planning is { } planning)
        {
            var links = p.Subscribe(air, "links", NodesCodecs.LinkEstimates);
            var (planned, reports) = up.PlanSplits(LayerCosts.Of(network), links, planning);
            reports.ForEach("planned", Planned.Add);
            plans = planned;
        }

        var (gradients, updates, moves) = up.ServeSplit(network, versions,
            Serving ?? new() { Split = splits[0], Training = options }, plans, transfers);
        gradients.PublishTo(air, "down/{device}", Back, static g => g.Device);
        updates.Publish(air, "updates", LearningCodecs.Deltas);
        (Carries is null ? moves.PublishTo(air, "sessions/{edge}", LearningCodecs.SessionTransfers, static m => m.Recipient)
            : moves.PublishTo(air, "carry/{device}", LearningCodecs.SessionTransfers, static m => m.Device)).Named("publish sessions");
    });

    private Pipeline Aggregator(VirtualWorld world, ITransport air) => Pipeline.Define("aggregator", p =>
    {
        var (versions, ended) = p.Subscribe(air, "updates", LearningCodecs.Deltas)
            .Aggregate(network, Strategy ?? new FedAvg(splits.Length), new() { Averaging = Averaging.None });
        versions.ForEach("versions", version =>
        {
            Versions.Add(version);
            MadeAt.Add(world.Elapsed);
        });
        versions.Publish(air, "versions", LearningCodecs.Weights);
        ended.ForEach("rounds", Rounds.Add);
    });

    private Pipeline Planner(ITransport air) => Pipeline.Define("planner", p =>
        p.From("plans", Plans, static (SplitPlan[] plans, OperatorContext context) => new PlanSource(plans, context.Now))
            .Publish(air, "plans", LearningCodecs.SplitPlans));

    internal TimeSpan ProbeEvery { get; init; } = TimeSpan.FromSeconds(2);

    internal Func<int, SplitResources?> Resources { get; init; } = static _ => null;

    internal int Batches => rounds * options.RoundBatches;

    internal Network Network => network;

    internal SplitTrainOptions Options => options;

    private sealed class PlanSource(SplitPlan[] plans, DateTimeOffset start) : Source<SplitPlan>
    {
        private int _made;

        public override DateTimeOffset? NextAt =>
            _made < plans.Length ? start + (plans[_made].FromSequence * TimeSpan.FromSeconds(1)) : null;

        public override SplitPlan Next() => plans[_made++] with { FromSequence = 0 };
    }
}
