namespace StreamLearn.Nodes;

/// <summary>Takes each device's fastest split, regardless of the others.</summary>
public sealed record GreedySplit : Planner
{
    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective) =>
        new([.. SplitRoutes.Of(model, view, objective).Select(static routes =>
            routes.Choose(static of => of.Splits.MinBy(split => of[split].Cost.BatchSeconds)))]);
}
