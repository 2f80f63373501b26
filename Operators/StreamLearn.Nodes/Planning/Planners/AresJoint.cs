namespace StreamLearn.Nodes;

/// <summary>ARES for all devices together: minimizes α · max Δ / Δ₀ + (1 − α) · ΣE / E₀ exactly, where Δ₀ and E₀ are those of all layers
/// local.</summary>
/// <remarks> For each time X that occurs, each device uses the split with the least energy within X. Cost: O((N · L)²). As alpha grows,
/// time does not rise and energy does not fall. Splits that do not fit into memory, and devices without a split, are omitted. Source:
/// Samikwa, Di Maio, Braun (2022), for the objective; the sweep is ours. </remarks>
public sealed record AresJoint : Planner
{
    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        var all = SplitRoutes.Of(model, view, objective);
        var local = new Plan([.. all.Select(static routes => routes.Local)]);
        ImmutableArray<SplitRoutes> placed = [.. all.Where(static routes => routes.Splits.Length > 0)];
        var (best, least) = (Within(placed, double.PositiveInfinity)!, double.PositiveInfinity);
        foreach (var bound in Bounds(placed))
        {
            if (Within(placed, bound) is not { } splits) { continue; }
            var (seconds, joules) = (0.0, 0.0);
            for (var i = 0; i < splits.Length; i++)
            {
                var cost = placed[i][splits[i]].Cost;
                (seconds, joules) = (Math.Max(seconds, cost.Seconds), joules + cost.Joules);
            }

            var value = PlanValue.Of(seconds, joules, local, objective.Alpha);
            if (value < least) { (best, least) = (splits, value); }     // on a tie, the one with the smallest bound
        }

        var next = 0;
        return new([.. all.Select(routes => routes.Choose(_ => best[next++]))]);
    }

    private static SortedSet<double> Bounds(ImmutableArray<SplitRoutes> all) =>
        [.. all.SelectMany(static routes => routes.Splits.Select(split => routes[split].Cost.Seconds)).Where(double.IsFinite)];

    /// <summary>Returns the splits with the least energy within the bound, then the fastest; null if a device has none.</summary>
    private static int[]? Within(ImmutableArray<SplitRoutes> all, double bound)
    {
        var splits = new int[all.Length];
        for (var i = 0; i < splits.Length; i++)
        {
            var routes = all[i];
            var (found, best) = (-1, (Joules: double.PositiveInfinity, Seconds: double.PositiveInfinity));
            foreach (var split in routes.Splits)
            {
                var cost = (routes[split].Cost.Joules, routes[split].Cost.Seconds);
                if (cost.Seconds <= bound && (found < 0 || cost.CompareTo(best) < 0)) { (found, best) = (split, cost); }
            }

            if (found < 0) { return null; }
            splits[i] = found;
        }

        return splits;
    }
}
