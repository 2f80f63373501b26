namespace StreamLearn.Nodes;

internal sealed class MeshCosts
{
    private readonly double _bytesPerValue;
    private readonly MeshWay[,] _ways;

    internal MeshCosts(MapLayers layers, ResourceView mesh, double bytesPerValue)
    {
        (Layers, Mesh, _bytesPerValue, _ways) = (layers, mesh, bytesPerValue, new MeshWay[mesh.Nodes.Length, mesh.Nodes.Length]);
        for (var i = 0; i < Nodes; i++)
        {
            for (var j = 0; j < Nodes; j++)
            {
                _ways[i, j] = i == j ? new(0, 0, 0, 0)
                    : LinkOf(i, j) is { } link ? Direct(mesh.Nodes[i], mesh.Nodes[j], link)
                    : new(double.PositiveInfinity, 0, 0, 0);
            }
        }

        for (var by = 0; by < Nodes; by++)
        {
            for (var i = 0; i < Nodes; i++)
            {
                for (var j = 0; j < Nodes; j++)
                {
                    var (first, second) = (_ways[i, by], _ways[by, j]);
                    if (first.Seconds + second.Seconds < _ways[i, j].Seconds) { _ways[i, j] = first.Then(second); }
                }
            }
        }

        for (var j = 0; j < Nodes; j++)
        {
            if (double.IsInfinity(_ways[0, j].Seconds))
            {
                throw new ArgumentException($"expected routes between all nodes, got none from {NameOf(0)} to {NameOf(j)}", nameof(mesh));
            }
        }

        static MeshWay Direct(NodeView from, NodeView to, LinkView link) => new(8 / link.BitsPerSecond, link.Delay.TotalSeconds,
            (8 / link.BitsPerSecond * (from.Power.SendingWatts + to.Power.ReceivingWatts))
            + (8 * (from.Power.JoulesPerBit + to.Power.JoulesPerBit)), 1);
    }

    internal MapLayers Layers { get; }

    internal ResourceView Mesh { get; }

    internal int Nodes => Mesh.Nodes.Length;

    internal string NameOf(int node) => Mesh.Nodes[node].Name;

    internal double RateOf(int node) => Mesh.Nodes[node].MultiplyAddsPerSecond / Mesh.Nodes[node].Load;

    internal LinkView? LinkOf(int from, int to) =>
        from != to && Mesh.Link(NameOf(from), NameOf(to)) is { BitsPerSecond: > 0 } link ? link : null;

    internal IEnumerable<int> NeighborsOf(int node) => Enumerable.Range(0, Nodes).Where(other => LinkOf(node, other) is not null);

    /// <summary>Returns the neighbors with the highest weights, including the node itself.</summary>
    internal ImmutableArray<int> Around(int head, int count, Func<int, double> weight) =>
        [head, .. NeighborsOf(head).OrderByDescending(weight).Take(count - 1)];

    internal MeshCost Move(int boundary, int from, int to) => _ways[from, to].CostOf(Layers.ValuesAt(boundary) * _bytesPerValue);

    /// <summary>The first node is the head.</summary>
    internal SharedBlock Share(int first, int end, ReadOnlySpan<int> set, Func<int, double> weight)
    {
        Span<double> weights = stackalloc double[set.Length];
        for (var i = 0; i < set.Length; i++) { weights[i] = weight(set[i]); }
        var rows = MapLayers.ShareRows(Layers.Layers[end - 1].OutputHeight, weights);
        var (parts, cost, row) = (ImmutableArray.CreateBuilder<(int Node, BlockPart Part)>(), default(MeshCost), 0);
        for (var i = 0; i < set.Length; row += rows[i++])
        {
            if (rows[i] == 0) { continue; }
            var need = Layers.Need(first, end, row, row + rows[i]);
            var values = (need.EndRow - need.FirstRow) * Layers.Layers[first].InputValuesPerRow;
            var given = _ways[set[0], set[i]].CostOf(values * _bytesPerValue);
            var seconds = need.MultiplyAdds / RateOf(set[i]);
            cost = new(Math.Max(cost.Seconds, given.Seconds + seconds),
                cost.Joules + given.Joules + (seconds * Mesh.Nodes[set[i]].Power.ComputingWatts), cost.Bytes + given.Bytes);
            parts.Add((set[i], new(NameOf(set[i]), row, row + rows[i], need.MultiplyAdds)));
        }

        return new(first, end, set[0], parts.ToImmutable(), cost);
    }

    /// <summary>Parts arrive one after the other.</summary>
    internal MeshCost Gather(in SharedBlock block, int to)
    {
        var (cost, values) = (default(MeshCost), Layers.Layers[block.End - 1].OutputValuesPerRow);
        foreach (var (node, part) in block.Parts)
        {
            cost += _ways[node, to].CostOf((part.EndRow - part.FirstRow) * values * _bytesPerValue);
        }

        return cost;
    }

    internal MeshBlock Placed(in SharedBlock block, int to) => new(
        block.First, block.End, NameOf(block.Head), [.. block.Parts.Select(static one => one.Part)], block.Cost + Gather(block, to));

    internal readonly record struct SharedBlock(int First, int End, int Head, ImmutableArray<(int Node, BlockPart Part)> Parts,
        MeshCost Cost);

    /// <summary>The quickest route between two nodes: the costs per byte, and those that occur once.</summary>
    private readonly record struct MeshWay(double Seconds, double Delay, double Joules, int Links)
    {
        internal MeshWay Then(MeshWay next) => new(Seconds + next.Seconds, Delay + next.Delay, Joules + next.Joules, Links + next.Links);

        internal MeshCost CostOf(double bytes) => Links == 0 ? default : new((bytes * Seconds) + Delay, bytes * Joules, bytes * Links);
    }
}
