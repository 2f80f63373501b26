namespace StreamLearn.Nodes;

/// <summary>Possible routes of a device, split between it and its server.</summary>
public sealed class SplitRoutes
{
    private readonly ImmutableArray<Route> _routes;         // [s]: with s layers on the device; null: not possible without a server

    private SplitRoutes(NodeView device, ImmutableArray<Route> routes, ImmutableArray<int> splits, long missing) =>
        (Device, _routes, Splits, MissingBytes) = (device, routes, splits, missing);

    /// <summary>The device.</summary>
    public NodeView Device { get; }

    /// <summary>Splits that fit into memory and have a server if needed, in order; may be empty.</summary>
    public ImmutableArray<int> Splits { get; }

    /// <summary>Bytes missing for the smallest split; 0 if one fits.</summary>
    public long MissingBytes { get; }

    /// <summary>All layers on the device, even if they do not fit.</summary>
    public Route Local => _routes[^1];

    /// <summary>All layers on the server, even if they do not fit; null without a server.</summary>
    public Route? Remote => _routes[0];

    /// <summary>The route of a split.</summary>
    /// <param name="split">Layers on the device, from 0 to all.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer, or there is no server.</exception>
    public Route this[int split] => split >= 0 && split < _routes.Length && _routes[split] is { } route
        ? route
        : throw new ArgumentOutOfRangeException(nameof(split), split, $"expected a split of {Device.Name}");

    /// <summary>Returns the routes of all devices.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Nodes and links.</param>
    /// <param name="objective">The batch, and the minimum number of layers on the device.</param>
    public static ImmutableArray<SplitRoutes> Of(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(view);
        return [.. view.Devices.Select(device => Of(model, view, objective, device))];
    }

    /// <summary>Returns the routes of a device.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Nodes and links.</param>
    /// <param name="objective">The batch, and the minimum number of layers on the device.</param>
    /// <param name="device">The device.</param>
    public static SplitRoutes Of(LayerCosts model, ResourceView view, Objective objective, NodeView device)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(device);
        var (server, routes, splits) = (view.ServerOf(device.Name), new Route[model.Count + 1], ImmutableArray.CreateBuilder<int>());
        var least = long.MaxValue;
        for (var split = 0; split <= model.Count; split++)
        {
            if (server is null && split < model.Count) { continue; }
            var ranges = RangesOf(device.Name, server?.Name, split, model.Count);
            routes[split] = new(device.Name, ranges, RouteCost.Of(model, view, objective, device, ranges));
            if (split < Math.Min(objective.MinLayers, model.Count)) { continue; }
            var missing = routes[split].Cost.Memory.Max(memory =>
                memory.Bytes - (memory.Node == device.Name ? device : view.Node(memory.Node)).MemoryBytes);
            if (missing <= 0) { splits.Add(split); }
            least = Math.Min(least, missing);
        }

        return new(device, [.. routes], splits.ToImmutable(), Math.Max(0, least));
    }

    /// <summary>Returns the route that a rule chooses; if none fits, an empty route with the missing bytes.</summary>
    /// <param name="choose">Chooses one of <see cref="Splits"/>; called only if there are any.</param>
    public Route Choose(Func<SplitRoutes, int> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        return Splits.Length > 0 ? this[choose(this)] : new(Device.Name, [], new()) { MissingBytes = MissingBytes };
    }

    /// <summary>Returns the nearest split that fits; on a tie, the later one.</summary>
    public int Nearest(int split)
    {
        var best = Splits[0];
        foreach (var other in Splits)
        {
            if (Math.Abs(other - split) <= Math.Abs(best - split)) { best = other; }
        }

        return best;
    }

    private static ImmutableArray<LayerRange> RangesOf(string device, string? server, int split, int layers) =>
        split == layers || server is null ? [new(0, layers, device)]
        : split == 0 ? [new(0, layers, server)]
        : [new(0, split, device), new(split, layers, server)];
}
