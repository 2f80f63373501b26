namespace StreamLearn.Nodes;

internal sealed record MicroSplit(ImmutableArray<BlockCut> Cuts) : MeshPlanner
{
    public double Alpha
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value : throw new ArgumentOutOfRangeException(nameof(Alpha), value, "expected a share from 0 to 1");
    } = 1;

    public bool Equals(MicroSplit? other) => base.Equals(other) && Alpha == other.Alpha && Cuts.AsSpan().SequenceEqual(other.Cuts.AsSpan());

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Alpha, Cuts.Length);

    private protected override MeshPlan Plan(MeshCosts costs, int source, int sink)
    {
        if (Alpha == 1) { return Best(costs, source, sink, static cost => cost.Seconds); }
        var single = Best(costs, source, sink, static cost => cost.Seconds, BlockCut.Whole(costs.Layers.Count)).Cost;
        return Best(costs, source, sink,
            cost => (Alpha * cost.Seconds / single.Seconds) + (single.Joules > 0 ? (1 - Alpha) * cost.Joules / single.Joules : 0));
    }

    private MeshPlan Best(MeshCosts costs, int source, int sink, Func<MeshCost, double> value, ImmutableArray<BlockCut>? cuts = null)
    {
        var layers = costs.Layers.Count;
        var best = new (double Value, MeshCosts.SharedBlock Block)?[layers + 1, costs.Nodes];     // [boundary, node that holds its values]
        foreach (var cut in (cuts ?? Cuts).OrderBy(static cut => cut.First).ThenBy(static cut => cut.End))
        {
            if (cut.First < 0 || cut.End <= cut.First || cut.End > layers || cut.MaxParts < 1)
            {
                throw new ArgumentException($"expected blocks of the {layers} layers with at least one part, got {cut}", nameof(cuts));
            }

            for (var head = 0; head < costs.Nodes; head++)
            {
                if (Before(cut.First, head) is not { } before) { continue; }
                var set = costs.Around(head, cut.MaxParts, costs.RateOf);
                for (var parts = 1; parts <= set.Length; parts++)
                {
                    Try(before, costs.Share(cut.First, cut.End, set.AsSpan()[..parts], costs.RateOf));
                }
            }
        }

        var (blocks, at, to) = (new List<MeshBlock>(), layers, sink);
        while (at > 0)
        {
            var block = best[at, to]?.Block
                ?? throw new ArgumentException($"expected blocks that reach layer {layers}, got none", nameof(cuts));
            blocks.Add(costs.Placed(block, to));
            (at, to) = (block.First, block.Head);
        }

        blocks.Reverse();
        return new(costs.Move(0, source, to), [.. blocks]);

        double? Before(int boundary, int head) => boundary == 0 ? value(costs.Move(0, source, head)) : best[boundary, head]?.Value;

        void Try(double before, in MeshCosts.SharedBlock block)
        {
            for (var to = 0; to < costs.Nodes; to++)
            {
                if (block.End == layers && to != sink) { continue; }
                var sum = before + value(block.Cost + costs.Gather(block, to));
                if (best[block.End, to] is not { } known || sum < known.Value) { best[block.End, to] = (sum, block); }
            }
        }
    }
}
