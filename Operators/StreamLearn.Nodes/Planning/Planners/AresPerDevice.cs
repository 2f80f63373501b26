namespace StreamLearn.Nodes;

/// <summary>ARES as in its authors' code: each device uses the split with the minimum α · t + (1 − α) · e, each divided by its Euclidean
/// norm over all splits.</summary>
/// <remarks>Source: Samikwa, Di Maio, Braun, Computer Networks 218 (2022), and its code.</remarks>
public sealed record AresPerDevice : Planner
{
    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        return new([.. SplitRoutes.Of(model, view, objective).Select(routes => routes.Choose(of => Best(of, objective.Alpha)))]);
    }

    private static int Best(SplitRoutes routes, double alpha)
    {
        var (seconds, joules) = (Norm(routes, static cost => cost.Seconds), Norm(routes, static cost => cost.Joules));
        return routes.Splits.MinBy(split => Part(alpha, routes[split].Cost.Seconds, seconds)
            + Part(1 - alpha, routes[split].Cost.Joules, joules));
    }

    private static double Part(double share, double value, double norm) => share == 0 || norm == 0 ? 0 : share * value / norm;

    /// <summary>Returns the norm; a dead link would make it infinite.</summary>
    private static double Norm(SplitRoutes routes, Func<PlanCost, double> value) =>
        Math.Sqrt(routes.Splits.Select(split => value(routes[split].Cost)).Where(double.IsFinite).Sum(static v => v * v));
}
