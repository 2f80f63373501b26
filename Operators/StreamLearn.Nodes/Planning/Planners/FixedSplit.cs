using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>The same split for each device: static offloading, or classic federated learning where all layers stay.</summary>
/// <param name="Layers">Layers on the device, 0 or more; more than the model has are all of them. Where they do not fit, the nearest
/// split that does.</param>
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
