namespace StreamLearn.Nodes;

/// <summary>Uses the fastest split of each device, regardless of the others.</summary>
public sealed record GreedySplit : Planner
{
    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective) =>
        new([.. SplitRoutes.Of(model, view, objective).Select(static routes =>
            routes.Choose(static of => of.Splits.MinBy(split => of[split].Cost.BatchSeconds)))]);
}
