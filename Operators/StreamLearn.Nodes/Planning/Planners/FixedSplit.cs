namespace StreamLearn.Nodes;

/// <summary>Uses one split for all devices: static offloading.</summary>
/// <param name="Layers">Layers on the device, 0 or more; at most that of the model, and replaced with the nearest split that fits.</param>
public sealed record FixedSplit(int Layers) : Planner
{
    /// <summary>All layers on the device: classic federated learning.</summary>
    public static FixedSplit All { get; } = new(int.MaxValue);

    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(Layers);
        var split = Math.Min(Layers, model.Count);
        return new([.. SplitRoutes.Of(model, view, objective).Select(routes => routes.Choose(of => of.Nearest(split)))]);
    }
}
