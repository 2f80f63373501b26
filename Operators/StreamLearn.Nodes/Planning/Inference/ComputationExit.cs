using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Early exit of computation (EEoC): each device for itself takes the cut with the least alpha · T / T_ref + (1 − alpha) · E /
/// E_ref. References are the worse of all layers on the device and all on its server.</summary>
/// <remarks>
/// T is the device's layers, the activations up, the server's layers times its load, the answer down, and the delay of both ways. E is what
/// the device draws for its layers and its radio, and its idle power for the rest. Where the link carries nothing, the reference is the
/// device alone. With <see cref="Objective.MinLayers"/> 0 the rows themselves may be sent; of cuts that are worth the same, the one with
/// the fewest layers on the device is taken. Cost: layers of the model for each device. Source: Samikwa, Di Maio, Braun (CCNC 2022); the
/// formulas, which were not found, are ours.
/// </remarks>
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

    /// <summary>What a route is worth against the worse of all layers on the device and all on the server; small is good, and infinite
    /// where a link carries nothing.</summary>
    /// <param name="routes">The routes of the device.</param>
    /// <param name="cost">What the route costs.</param>
    /// <param name="alpha">What time counts, 0 to 1.</param>
    public static double Value(SplitRoutes routes, PlanCost cost, double alpha)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(cost);
        if (!double.IsFinite(cost.BatchSeconds)) { return double.PositiveInfinity; }        // no answer, whatever the rest is worth
        var (seconds, joules) = (routes.Local.Cost.BatchSeconds, routes.Local.Cost.BatchJoules);
        if (routes.Remote is { Cost: var remote })
        {
            (seconds, joules) = (Worse(seconds, remote.BatchSeconds), Worse(joules, remote.BatchJoules));
        }

        return Part(alpha, cost.BatchSeconds, seconds) + Part(1 - alpha, cost.BatchJoules, joules);
    }

    private static double Worse(double local, double remote) => double.IsFinite(remote) ? Math.Max(local, remote) : local;

    /// <summary>What counts for nothing is nothing, however large; nor does energy count where none is known.</summary>
    private static double Part(double share, double value, double reference) =>
        share == 0 || (value == 0 && reference == 0) ? 0 : share * value / reference;
}
