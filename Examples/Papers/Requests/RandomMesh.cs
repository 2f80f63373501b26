using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>Meshes by chance: ten nodes, fifteen links, each node reached from each other.</summary>
internal static class RandomMesh
{
    /// <summary>Where the image is.</summary>
    internal const string Source = "n0";

    /// <summary>Where the answer is needed.</summary>
    internal const string Sink = "n9";

    private const int Nodes = 10;
    private const int Links = 15;
    private const double RateUnit = .05e9;

    /// <summary>Power while a node computes and while it sends, of the three kinds of nodes, in watts.</summary>
    private static readonly ImmutableArray<(double Computing, double Sending)> Kinds = [(3.8, 1), (2.2, .8), (1.2, 1.1)];

    /// <summary>A mesh. Rates are 1 to 10 units of 50·10⁶ multiply-adds a second, throughputs from half the cap to the cap.</summary>
    internal static ResourceView Of(long seed, double cap)
    {
        var random = new RandomStream(seed, "mesh", FormattableString.Invariant($"{cap}"));
        ImmutableArray<NodeView> nodes = [.. Enumerable.Range(0, Nodes).Select(i => Node($"n{i}"))];
        var pairs = new List<(int, int)>();
        for (var i = 1; i < Nodes; i++) { pairs.Add((random.NextInt32(i), i)); }        // a tree reaches all of them
        while (pairs.Count < Links)
        {
            var (a, b) = (random.NextInt32(Nodes), random.NextInt32(Nodes));
            if (a < b && !pairs.Contains((a, b))) { pairs.Add((a, b)); }
        }

        return new(nodes,
            [.. pairs.Select(pair => new LinkView($"n{pair.Item1}", $"n{pair.Item2}", random.NextDouble(cap / 2, cap) * 1e6))]);

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

    /// <summary>The median.</summary>
    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
