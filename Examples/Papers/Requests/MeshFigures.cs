namespace Papers;

/// <summary>Random meshes: ten nodes and fifteen links, with a path between any two nodes.</summary>
internal static class RandomMesh
{
    internal const string Source = "n0", Sink = "n9";
    private const int Nodes = 10, Links = 15;
    private const double RateUnit = .05e9;

    /// <summary>Power in watts of the three kinds of nodes while computing and while sending.</summary>
    private static readonly (double Computing, double Sending)[] Kinds = [(3.8, 1), (2.2, .8), (1.2, 1.1)];

    /// <summary>Rates are 1 to 10 units of 50·10⁶ multiply-adds per second, throughputs from half the cap to the cap.</summary>
    internal static ResourceView Of(long seed, double cap)
    {
        var random = new RandomStream(seed, "mesh", Invariant($"{cap}"));
        ImmutableArray<NodeView> nodes = [.. Enumerable.Range(0, Nodes).Select(i => Node($"n{i}"))];
        var pairs = new List<(int A, int B)>();
        for (var i = 1; i < Nodes; i++) { pairs.Add((random.NextInt32(i), i)); }        // a tree connects all nodes
        while (pairs.Count < Links)
        {
            var (a, b) = (random.NextInt32(Nodes), random.NextInt32(Nodes));
            if (a < b && !pairs.Contains((a, b))) { pairs.Add((a, b)); }
        }

        return new(nodes, [.. pairs.Select(pair => new LinkView($"n{pair.A}", $"n{pair.B}", random.NextDouble(cap / 2, cap) * 1e6))]);

        NodeView Node(string name)
        {
            var (computing, sending) = Kinds[random.NextInt32(Kinds.Length)];
            return new(name)
            {
                MultiplyAddsPerSecond = RateUnit * (1 + random.NextInt32(10)),
                Power = new PowerProfile { ComputingWatts = computing, SendingWatts = sending },
            };
        }
    }

    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>The figures of DISNET: blocks of rows over 40 random meshes, compared with exchange after each layer and with chains.</summary>
internal static class MeshFigures
{
    private const int Seeds = 20;

    internal static IEnumerable<Figure> Of(long seed)
    {
        const string PerLayer = "exchange after each layer";
        const int Exchange = 1, Chain = 2, FreeCuts = 3, EnergyAlone = 4;         // indexes of planners
        MeshPlanner[] planners =
        [
            MeshPlanner.ByCost(BlockCut.Disnet), MeshPlanner.PerLayer(),
            MeshPlanner.ByCost([.. BlockCut.Disnet.Select(static cut => cut with { MaxParts = 1 })]),
            MeshPlanner.ByCost(BlockCut.Free(MapLayers.Vgg16.Count, 6)), MeshPlanner.ByCost(BlockCut.Disnet, alpha: 0),
        ];
        MeshPlan[][] plans =
        [
            .. from cap in (int[])[10, 15]
               from i in Enumerable.Range(0, Seeds)
               let mesh = RandomMesh.Of(seed + i, cap)
               select planners.Select(planner => planner.Plan(MapLayers.Vgg16, mesh, RandomMesh.Source, RandomMesh.Sink)).ToArray(),
        ];
        return
        [
            Median($"latency, {PerLayer}, median of 40", "1.5x", Seconds(Exchange),
                "theirs is measured, and messages take time of their own"),
            Best($"latency, {PerLayer}, best of 40", "5.2x", Seconds(Exchange),
                "theirs is the best case; messages take time of their own"),
            Median("latency, a chain, median of 40", "2.5x", Seconds(Chain), "theirs: 1.18 s against .52 s, 2.3x"),
            Best("latency, a chain, best of 40", "5.2x", Seconds(Chain), "theirs is the best case; ours have three neighbours a node"),
            Median($"energy, {PerLayer}, energy alone counts, median", "", Joules(), "the same work on nodes that take less for it"),
            Best($"energy, {PerLayer}, energy alone counts, best", "6x", Joules(), "theirs is the best case, of whole boards"),
            Median($"latency, {PerLayer}, free cuts, median", "", Seconds(Exchange, FreeCuts), "cuts chosen by cost"),
            Median("latency, a chain, free cuts, median", "", Seconds(Chain, FreeCuts), "cuts chosen by cost"),
        ];

        IEnumerable<double> Seconds(int other, int ours = 0) => plans.Select(row => row[other].Seconds / row[ours].Seconds);

        IEnumerable<double> Joules() => plans.Select(static row => row[Exchange].Joules / row[EnergyAlone].Joules);

        static Figure Median(string what, string specified, IEnumerable<double> ratios, string why) =>
            new("DISNET", what, "", specified, RandomMesh.Median(ratios), "0.0x", why);

        static Figure Best(string what, string published, IEnumerable<double> ratios, string why) =>
            new("DISNET", what, published, "", ratios.Max(), "0.0x", why);
    }
}
