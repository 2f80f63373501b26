using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What plans are worth under a view: one number that planners make small.</summary>
public static class PlanValue
{
    /// <summary>The plan where each device runs all layers itself: classic federated learning.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The nodes and links.</param>
    /// <param name="objective">What a batch is.</param>
    public static Plan Local(LayerCosts model, ResourceView view, Objective objective) =>
        new([.. SplitRoutes.Of(model, view, objective).Select(static routes => routes.Local)]);

    /// <summary>The same routes at what they cost under another view.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The nodes and links.</param>
    /// <param name="objective">What a batch is.</param>
    /// <returns>The plan; null if a device, a node or a link of it is gone, or memory is short for it.</returns>
    public static Plan? Under(Plan plan, LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(view);
        if (!plan.Routes.All(route => CanRun(route, view))) { return null; }
        var same = new Plan([.. plan.Routes.Select(route => Under(route, model, view, objective))]);
        return Fits(same, view) ? same : null;
    }

    /// <summary>alpha · T / T₀ + (1 − alpha) · E / E₀, where T₀ and E₀ are those of <see cref="Local"/>.</summary>
    /// <param name="plan">The plan, at what it costs under the view.</param>
    /// <param name="local">What <see cref="Local"/> gives for the view.</param>
    /// <param name="alpha">What time counts, 0 to 1.</param>
    public static double Of(Plan plan, Plan local, double alpha)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(local);
        return Of(plan.Seconds, plan.Joules, local, alpha);
    }

    internal static double Of(double seconds, double joules, Plan local, double alpha) =>
        Part(alpha, seconds, local.Seconds) + Part(1 - alpha, joules, local.Joules);

    /// <summary>What counts for nothing is nothing, however large; nor does energy count where none is known.</summary>
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
