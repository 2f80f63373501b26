namespace StreamLearn.Nodes;

/// <summary>Uses a random split for each device, the same at each call: a baseline.</summary>
/// <param name="Seed">Seed, combined with the device's name.</param>
public sealed record RandomSplit(long Seed) : Planner
{
    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective) =>
        new([.. SplitRoutes.Of(model, view, objective).Select(routes =>
            routes.Choose(of => of.Splits[new RandomStream(Seed, "random-split", of.Device.Name).NextInt32(of.Splits.Length)]))]);
}
