namespace StreamLearn.Fleets;

/// <summary>Finds the number of local steps between aggregations with which the loss is least when a budget is spent.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019; published as a bound of the loss, here in the form of the authors' code.</remarks>
public static class TauSearch
{
    private const double PublishedPhi = 0.025;

    /// <summary>T: the local steps that the budget allows, all in all, if so many are made between aggregations.</summary>
    /// <param name="steps">Local steps between aggregations, at least 1.</param>
    /// <param name="limits">How much there is of each resource.</param>
    /// <param name="costs">What a round is expected to use of each.</param>
    /// <returns>The steps of the scarcest resource; not finite if no resource is used; 0 or less if one does not last for a step.</returns>
    /// <exception cref="ArgumentException">The numbers of resources differ.</exception>
    public static double EffectiveSteps(int steps, ReadOnlySpan<double> limits, ReadOnlySpan<RoundCost> costs)
    {
        if (limits.Length != costs.Length)
        {
            throw new ArgumentException($"expected the costs of {limits.Length} resources, got {costs.Length}", nameof(costs));
        }

        var least = double.PositiveInfinity;
        for (var m = 0; m < limits.Length; m++)
        {
            var left = limits[m] - costs[m].Of(1);     // the loss of the last model is evaluated, too
            least = Math.Min(least, costs[m].Of(steps) == 0 ? double.PositiveInfinity : left * steps / costs[m].Of(steps));
        }

        return least;
    }

    /// <summary>G: a bound, but for a constant, of the loss that is left when the budget is spent.</summary>
    /// <param name="steps">Local steps between aggregations, at least 1.</param>
    /// <param name="effectiveSteps">T, above 0.</param>
    /// <param name="divergence">How far apart the devices run.</param>
    /// <param name="settings">eta and phi; without phi, that of support vectors.</param>
    public static double Bound(int steps, double effectiveSteps, in Divergence divergence, TauSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var (eta, phi) = (settings.LearningRate, settings.Phi ?? PublishedPhi);
        var apart = divergence.Rho * divergence.After(steps, eta);
        var first = 1 / (2 * eta * phi * effectiveSteps);
        return first + Math.Sqrt((first * first) + (apart / (eta * phi * steps))) + apart;
    }

    /// <summary>The number of steps between aggregations whose local steps are worth most in all until the budget is spent; of several, the
    /// smallest.</summary>
    /// <remarks>
    /// So many rounds fit the budget, and the steps of each are worth <c>(1 − exp(−decay steps)) / decay</c>. Ours: what is measured of
    /// <see cref="LocalWorth"/> takes the place of a bound whose constant nobody knows.
    /// </remarks>
    /// <param name="most">The largest number that is looked at, at least 1.</param>
    /// <param name="limits">How much there is of each resource.</param>
    /// <param name="costs">What a round is expected to use of each.</param>
    /// <param name="decay">By how much a local step is worth less than the one before, above 0.</param>
    /// <returns>The steps; 1 if the budget does not last for any number of them.</returns>
    public static int MostWorth(int most, ReadOnlySpan<double> limits, ReadOnlySpan<RoundCost> costs, double decay)
    {
        var (best, greatest) = (1, 0.0);
        for (var steps = 1; steps <= most; steps++)
        {
            var worth = EffectiveSteps(steps, limits, costs) / steps * -double.ExpM1(-decay * steps);
            if (worth > greatest) { (best, greatest) = (steps, worth); }
        }

        return best;
    }

    /// <summary>The number of steps with the least bound; of several, the smallest.</summary>
    /// <param name="most">The largest number that is looked at, at least 1.</param>
    /// <param name="limits">How much there is of each resource.</param>
    /// <param name="costs">What a round is expected to use of each.</param>
    /// <param name="divergence">How far apart the devices run.</param>
    /// <param name="settings">eta and phi.</param>
    /// <returns>The steps; 1 if the budget does not last for any number of them.</returns>
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
