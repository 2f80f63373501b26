namespace StreamLearn.Nodes;

/// <summary>Early exit of computation (EEoC): each device uses the cut with the minimum of alpha · T / T_ref + (1 − alpha) · E / E_ref. The
/// references are the worse of all layers local and all remote.</summary>
/// <remarks> T is the device's layers, activations up, the server's layers times its load, the answer down, and both delays; E the device's
/// energy for layers, radio and idling. Over a dead link, the reference is the device alone. With <see cref="Objective.MinLayers"/> 0 raw
/// rows may be sent; on a tie, the fewest layers are on the device. Cost: layers of the model for each device. Source: Samikwa, Di Maio,
/// Braun (CCNC 2022); the formulas are ours, as none were found. </remarks>
public sealed record ComputationExit : Planner
{
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The work is not inference.</exception>
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        objective.RequireInference();
        return new([.. SplitRoutes.Of(model, view, objective).Select(routes =>
            routes.Choose(of => of.Splits.MinBy(split => Value(of, of[split].Cost, objective.Alpha))))]);
    }

    /// <summary>Returns the value of a route relative to the worse of all layers local and all remote; lower is better, and a dead link is
    /// infinite.</summary>
    /// <param name="routes">The device's routes.</param>
    /// <param name="cost">The route's cost.</param>
    /// <param name="alpha">Weight of time, 0 to 1.</param>
    public static double Value(SplitRoutes routes, PlanCost cost, double alpha)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(cost);
        if (!double.IsFinite(cost.BatchSeconds)) { return double.PositiveInfinity; }        // infinite time is never chosen
        var (seconds, joules) = (routes.Local.Cost.BatchSeconds, routes.Local.Cost.BatchJoules);
        if (routes.Remote is { Cost: var remote })
        {
            (seconds, joules) = (Worse(seconds, remote.BatchSeconds), Worse(joules, remote.BatchJoules));
        }

        return Part(alpha, cost.BatchSeconds, seconds) + Part(1 - alpha, cost.BatchJoules, joules);
    }

    private static double Worse(double local, double remote) => double.IsFinite(remote) ? Math.Max(local, remote) : local;

    private static double Part(double share, double value, double reference) =>
        share == 0 || (value == 0 && reference == 0) ? 0 : share * value / reference;
}
