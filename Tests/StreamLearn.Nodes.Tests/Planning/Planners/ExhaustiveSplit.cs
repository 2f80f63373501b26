namespace StreamLearn.Nodes.Tests;

/// <summary>Tries all splits of device groups and takes the plan with the least value.</summary>
/// <remarks>A baseline. Cost: splits to the power of groups, each time the devices.</remarks>
internal sealed record ExhaustiveSplit(DeviceGroups? Groups = null) : Planner
{
    /// <summary>Candidate splits, layers on the device; empty, the default: all.</summary>
    public int[] Splits { get; init; } = [];

    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        var (all, local) = (SplitRoutes.Of(model, view, objective), PlanValue.Local(model, view, objective));
        int[] groups = [.. all.Select(routes => GroupOf(view, routes))];
        int[] tried = Splits.Length == 0 ? [.. Enumerable.Range(0, model.Count + 1)] : Splits;
        var (choice, best, least) = (new int[Groups?.Count ?? 1], (Plan?)null, double.PositiveInfinity);
        do
        {
            var next = 0;
            var plan = new Plan([.. all.Select(routes => routes.Choose(of => of.Nearest(tried[choice[groups[next++]]])))]);
            var value = PlanValue.Of(plan, local, objective.Alpha);
            if (best is null || value < least) { (best, least) = (plan, value); }
        }
        while (Advance(choice, tried.Length));
        return best;
    }

    private int GroupOf(ResourceView view, SplitRoutes routes) =>
        Groups?.GroupOf(routes.Device.BaselineSeconds ?? routes.Local.Cost.BatchSeconds, DeviceGroups.RateOf(view, routes.Device)) ?? 0;

    /// <summary>Counts with one digit per group; false after the last.</summary>
    private static bool Advance(Span<int> choice, int splits)
    {
        foreach (ref var digit in choice)
        {
            if (++digit < splits) { return true; }
            digit = 0;
        }

        return false;
    }
}
