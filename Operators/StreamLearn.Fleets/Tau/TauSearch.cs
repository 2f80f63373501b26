namespace StreamLearn.Fleets;

/// <summary>Finds the number of local steps per round with the smallest loss for a budget.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019; a loss bound, in the form of the authors' code.</remarks>
internal static class TauSearch
{
    private const double PublishedPhi = 0.025;

    /// <summary>Computes T, the total local steps that the budget allows.</summary>
    public static double EffectiveSteps(int steps, ReadOnlySpan<double> limits, ReadOnlySpan<RoundCost> costs)
    {
        if (limits.Length != costs.Length)
        {
            throw new ArgumentException($"expected the costs of {limits.Length} resources, got {costs.Length}", nameof(costs));
        }

        var least = double.PositiveInfinity;
        for (var m = 0; m < limits.Length; m++)
        {
            var left = limits[m] - costs[m].Of(1);     // the loss of the last model is also evaluated
            least = Math.Min(least, costs[m].Of(steps) == 0 ? double.PositiveInfinity : left * steps / costs[m].Of(steps));
        }

        return least;
    }

    /// <summary>Computes G, a bound of the final loss, up to a constant.</summary>
    public static double Bound(int steps, double effectiveSteps, in Divergence divergence, TauSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var (eta, phi) = (settings.LearningRate, settings.Phi ?? PublishedPhi);
        var apart = divergence.Rho * divergence.After(steps, eta);
        var first = 1 / (2 * eta * phi * effectiveSteps);
        return first + Math.Sqrt((first * first) + (apart / (eta * phi * steps))) + apart;
    }

    /// <summary>Finds the smallest number of steps per round that maximizes the total worth within the budget.</summary>
    /// <remarks>The steps of a round are worth <c>(1 − exp(−decay steps)) / decay</c>. This is the library's: measured
    /// <see cref="LocalWorth"/> replaces a bound with an unknown constant.</remarks>
    public static int MaxWorth(int most, ReadOnlySpan<double> limits, ReadOnlySpan<RoundCost> costs, double decay)
    {
        var (best, greatest) = (1, 0.0);
        for (var steps = 1; steps <= most; steps++)
        {
            var worth = EffectiveSteps(steps, limits, costs) / steps * -double.ExpM1(-decay * steps);
            if (worth > greatest) { (best, greatest) = (steps, worth); }
        }

        return best;
    }

    /// <summary>Finds the smallest number of steps with the smallest bound.</summary>
    public static int Best(
        int most, ReadOnlySpan<double> limits, ReadOnlySpan<RoundCost> costs, in Divergence divergence, TauSettings settings)
    {
        var (best, least) = (1, double.PositiveInfinity);
        for (var steps = 1; steps <= most; steps++)
        {
            var effective = EffectiveSteps(steps, limits, costs);
            if (!(effective > 0)) { continue; }
            var bound = Bound(steps, effective, divergence, settings);
            if (bound < least) { (best, least) = (steps, bound); }
        }

        return best;
    }
}
