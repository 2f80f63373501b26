namespace StreamLearn.Nodes;

/// <summary>Distributes the layers of a model over nodes; each node gets at most one run of consecutive layers.</summary>
/// <remarks> The first <see cref="Objective.MinLayers"/> layers stay on the rows' node, to which answers return. Runs must fit into memory.
/// The search is exact for up to 12 nodes; with more, it keeps 200 node sets at each layer. Devices are planned independently. Source:
/// Zhang, Cao, Shen, Cui, Jiang (2025), EdgeShard. </remarks>
/// <param name="ForThroughput">True: the shortest slowest stage, node or link, the answers' link included, for pipelines of many batches;
/// <see cref="ShardSchedule"/> gives the throughput. False, the default: the least time of one batch from rows to answers, for sequential
/// requests.</param>
public sealed record ShardPlanner(bool ForThroughput = false) : Planner
{
    /// <summary>Maximum number of nodes in a route, 1 or more; default all. 1: only the device; 2: the best cut in two.</summary>
    public int MaxNodes { get; init => field = Bound.AtLeast(value, 1, nameof(MaxNodes)); } = int.MaxValue;

    /// <summary>Creates a route for each device of a view.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Nodes and links; at most 64 nodes.</param>
    /// <param name="objective">The batch; the work is inference.</param>
    /// <returns>The plan. If nothing fits, a device gets no layers, and <see cref="Route.MissingBytes"/> is the smallest number of
    /// additional bytes that makes a route possible.</returns>
    /// <exception cref="ArgumentException">The work is training, there are more than 64 nodes, or times are of another model.</exception>
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        return new([.. view.Devices.Select(device => Of(new(model, view, objective, device)))]);

        Route Of(ShardCosts costs) => costs.RouteOf(
            (ForThroughput ? ShardSearch.Throughput(costs, MaxNodes) : ShardSearch.Latency(costs, MaxNodes)) ?? [],
            () => ShardSearch.Missing(costs, MaxNodes));
    }
}
