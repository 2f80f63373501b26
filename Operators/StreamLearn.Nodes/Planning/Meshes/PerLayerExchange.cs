namespace StreamLearn.Nodes;

internal sealed record PerLayerExchange(int MaxParts) : MeshPlanner
{
    private protected override MeshPlan Plan(MeshCosts costs, int source, int sink)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxParts, 1);
        MeshPlan? best = null;
        for (var head = 0; head < costs.Nodes; head++)
        {
            var set = costs.Around(head, MaxParts, costs.RateOf);
            for (var parts = Math.Min(2, set.Length); parts <= set.Length; parts++)
            {
                var plan = On(head, set.AsSpan()[..parts]);
                if (best is null || plan.Cost.Seconds < best.Cost.Seconds) { best = plan; }
            }
        }

        return best!;

        MeshPlan On(int head, ReadOnlySpan<int> set)
        {
            var blocks = new MeshBlock[costs.Layers.Count];
            for (var i = 0; i < blocks.Length; i++)
            {
                blocks[i] = costs.Placed(costs.Share(i, i + 1, set, costs.RateOf), i + 1 < blocks.Length ? head : sink);
            }

            return new(costs.Move(0, source, head), [.. blocks]);
        }
    }
}
