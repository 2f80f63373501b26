namespace StreamLearn.Nodes;

/// <summary>Assigns the same number of layers to each node: a baseline.</summary>
/// <remarks>The device is first. The first nodes get the remainder.</remarks>
/// <param name="Nodes">The other nodes, in order; empty (default): all nodes in the view.</param>
public sealed record EvenShards(ImmutableArray<string> Nodes = default) : Planner
{
    /// <inheritdoc />
    /// <exception cref="ArgumentException">A link between consecutive nodes is missing.</exception>
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        return new([.. view.Devices.Select(Of)]);

        Route Of(NodeView device)
        {
            var others = Nodes.IsDefaultOrEmpty ? view.Nodes.Select(static node => node.Name) : Nodes;
            string[] nodes = [device.Name, .. others.Where(name => name != device.Name).Take(model.Count - 1)];
            var (each, more) = Math.DivRem(model.Count, nodes.Length);
            ImmutableArray<LayerRange> ranges = [.. nodes.Select((name, i) =>
                new LayerRange((i * each) + Math.Min(i, more), ((i + 1) * each) + Math.Min(i + 1, more), name))];
            var costs = new ShardCosts(model, view, objective, device);
            var missing = costs.MissingOf(ranges);
            return costs.RouteOf(missing > 0 ? [] : ranges, () => missing);
        }
    }

    /// <inheritdoc />
    public bool Equals(EvenShards? other) =>
        other is not null && (Nodes.IsDefault ? [] : Nodes).SequenceEqual(other.Nodes.IsDefault ? [] : other.Nodes);

    /// <inheritdoc />
    public override int GetHashCode() => Nodes.IsDefault ? 0 : Nodes.Length;
}
