namespace StreamLearn.Nodes;

internal sealed record DisnetSplit(double EnergySensitivity, ImmutableArray<BlockCut> Cuts = default) : MeshPlanner
{
    private const int MaxPaths = 100_000;       // in larger meshes, the first ones in node order

    public bool Equals(DisnetSplit? other) =>
        base.Equals(other) && EnergySensitivity == other.EnergySensitivity && Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan());

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), EnergySensitivity, Blocks.Length);

    private ImmutableArray<BlockCut> Blocks => Cuts.IsDefaultOrEmpty ? BlockCut.Disnet : Cuts;

    private protected override MeshPlan Plan(MeshCosts costs, int source, int sink)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(EnergySensitivity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EnergySensitivity, 1);
        var nodes = costs.Mesh.Nodes;
        var (fastest, computing, sending) = (Enumerable.Range(0, costs.Nodes).Max(costs.RateOf),
            nodes.Max(static node => node.Power.ComputingWatts), nodes.Max(static node => node.Power.SendingWatts));
        double[] weights = [.. nodes.Select((node, i) => 10 * costs.RateOf(i) / fastest * Kept(node.Power.ComputingWatts, computing))];
        var path = Paths(costs, [source], sink).Take(MaxPaths).MaxBy(Score)!;

        var (heads, at) = (new List<(int Head, ImmutableArray<int> Set)>(), 0);
        foreach (var cut in Blocks)
        {
            at = Enumerable.Range(at, path.Length - at).MaxBy(i => Near(path[i], cut.MaxParts).Sum(node => weights[node]));
            heads.Add((path[at], Near(path[at], cut.MaxParts)));
        }

        return new(costs.Move(0, source, heads[0].Head), [.. Blocks.Select((cut, i) => costs.Placed(
            costs.Share(cut.First, cut.End, heads[i].Set.AsSpan(), heads[i].Set.Any(node => weights[node] > 0) ? Weight : costs.RateOf),
            i + 1 < heads.Count ? heads[i + 1].Head : sink))]);

        double Kept(double watts, double most) => 1 - ((1 - EnergySensitivity) * (most > 0 ? watts / most : 0));

        double Weight(int node) => weights[node];

        ImmutableArray<int> Near(int head, int parts) => costs.Around(head, parts, Weight);

        double Score(ImmutableArray<int> path)
        {
            var sum = 0.0;
            for (var i = 1; i < path.Length; i++)
            {
                sum += (costs.LinkOf(path[i - 1], path[i])!.BitsPerSecond / 5e6 * Kept(nodes[path[i - 1]].Power.SendingWatts, sending))
                    + weights[path[i]];
            }

            return sum / Math.Max(1, path.Length - 1);
        }
    }

    private static IEnumerable<ImmutableArray<int>> Paths(MeshCosts costs, ImmutableArray<int> path, int sink)
    {
        if (path[^1] == sink) { return [path]; }
        return costs.NeighborsOf(path[^1]).Where(node => !path.Contains(node)).SelectMany(node => Paths(costs, path.Add(node), sink));
    }
}
