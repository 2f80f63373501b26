using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Spreads the layers of a model over nodes, each of which takes at most one run of consecutive layers.</summary>
/// <remarks>
/// The first <see cref="Objective.MinLayers"/> layers stay on the node whose rows they are, and the answers return to it. Memory counts:
/// a node takes no more layers than fit. The search is exact for up to 12 nodes; for more it keeps 200 sets of nodes at each layer. Each
/// device is planned as if it were alone. Source: Zhang, Cao, Shen, Cui, Jiang (2025), EdgeShard.
/// </remarks>
public abstract record ShardPlanner : Planner
{
    /// <summary>Nodes of a route, 1 or more; default as many as there are. 1: the device alone; 2: the best cut in two.</summary>
    public int MaxNodes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxNodes));
            field = value;
        }
    } = int.MaxValue;

    /// <summary>Makes a route for each device of a view.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The nodes and links; at most 64 nodes.</param>
    /// <param name="objective">What a batch is; the work is inference.</param>
    /// <returns>The plan. A device for which nothing fits gets no layers, and <see cref="Route.MissingBytes"/>: the fewest bytes of
    /// memory that, added where they are missing, would make a route possible.</returns>
    /// <exception cref="ArgumentException">The work is training, there are more than 64 nodes, or times are those of another
    /// model.</exception>
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        return new([.. view.Devices.Select(device => Of(new(model, view, objective, device)))]);

        Route Of(ShardCosts costs) => costs.RouteOf(Search(costs) ?? [], () => ShardSearch.Missing(costs, MaxNodes));
    }

    /// <summary>The layers in order, each where it runs; null: there is no room.</summary>
    private protected abstract ImmutableArray<LayerRange>? Search(ShardCosts costs);
}
