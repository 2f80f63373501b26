namespace StreamLearn.Nodes;

/// <summary>Spreads a model's layers over nodes, at most one run of consecutive layers each.</summary>
/// <remarks> The first <see cref="Objective.MinLayers"/> layers stay on the rows' node, to which answers return. Runs must fit into memory.
/// The search is exact for up to 12 nodes; beyond, it keeps 200 node sets at each layer. Devices are planned independently. Source: Zhang,
/// Cao, Shen, Cui, Jiang (2025), EdgeShard. </remarks>
public abstract record ShardPlanner : Planner
{
    /// <summary>Maximum nodes of a route, 1 or more; default all. 1: the device alone; 2: the best cut in two.</summary>
    public int MaxNodes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxNodes));
            field = value;
        }
    } = int.MaxValue;

    /// <summary>Creates a route for each device of a view.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Nodes and links; at most 64 nodes.</param>
    /// <param name="objective">The batch; the work is inference.</param>
    /// <returns>The plan. If nothing fits, a device gets no layers, but <see cref="Route.MissingBytes"/>: the fewest additional bytes that
    /// make a route possible.</returns>
    /// <exception cref="ArgumentException">The work is training, there are over 64 nodes, or times are of another model.</exception>
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        return new([.. view.Devices.Select(device => Of(new(model, view, objective, device)))]);

        Route Of(ShardCosts costs) => costs.RouteOf(Search(costs) ?? [], () => ShardSearch.Missing(costs, MaxNodes));
    }

    /// <summary>Layers in order with their nodes; null: no room.</summary>
    private protected abstract ImmutableArray<LayerRange>? Search(ShardCosts costs);
}
