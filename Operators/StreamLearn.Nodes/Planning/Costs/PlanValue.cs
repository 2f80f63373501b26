namespace StreamLearn.Nodes;

/// <summary>The value of plans under a view, which planners minimize.</summary>
public static class PlanValue
{
    /// <summary>Returns the plan in which each device runs all layers: classic federated learning.</summary>
    public static Plan Local(LayerCosts model, ResourceView view, Objective objective) =>
        new([.. SplitRoutes.Of(model, view, objective).Select(static routes => routes.Local)]);

    /// <summary>Computes the cost of a plan's routes again, under another view.</summary>
    /// <returns>The plan; null if a device, node or link is gone, or there is too little memory.</returns>
    public static Plan? Under(Plan plan, LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(view);
        if (!plan.Routes.All(route => CanRun(route, view))) { return null; }
        var same = new Plan([.. plan.Routes.Select(route => Under(route, model, view, objective))]);
        return Fits(same, view) ? same : null;
    }

    /// <summary>Returns alpha · T / T₀ + (1 − alpha) · E / E₀, where T₀ and E₀ are those of <see cref="Local"/>.</summary>
    /// <param name="plan">The plan, with its cost under the view.</param>
    /// <param name="local">The <see cref="Local"/> plan of the view.</param>
    /// <param name="alpha">Weight of time, 0 to 1.</param>
    public static double Of(Plan plan, Plan local, double alpha)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(local);
        return Of(plan.Seconds, plan.Joules, local, alpha);
    }

    internal static double Of(double seconds, double joules, Plan local, double alpha) =>
        Part(alpha, seconds, local.Seconds) + Part(1 - alpha, joules, local.Joules);

    /// <summary>Returns 0 if the weight is 0, even for infinite values, or if the energy is unknown.</summary>
    private static double Part(double share, double value, double reference) =>
        share == 0 || (value == 0 && reference == 0) ? 0 : share * value / reference;

    private static Route Under(Route route, LayerCosts model, ResourceView view, Objective objective) =>
        route with { Cost = RouteCost.Of(model, view, objective, view.Node(route.Device), route.Ranges) };

    private static bool CanRun(Route route, ResourceView view)
    {
        var before = route.Device;
        if (route.Ranges.IsEmpty || view.Nodes.All(node => node.Name != before)) { return false; }
        foreach (var range in route.Ranges)
        {
            if (range.Node != before && view.Link(before, range.Node) is null) { return false; }
            before = range.Node;
        }

        return true;
    }

    private static bool Fits(Plan plan, ResourceView view) =>
        plan.Routes.All(route => route.Cost.Memory.All(memory => memory.Bytes <= view.Node(memory.Node).MemoryBytes));
}
