namespace StreamLearn.Nodes;

/// <summary>Chooses the number of layers on a device by costs and measurements.</summary>
public abstract record CutRule
{
    private protected CutRule()
    {
    }

    /// <summary>Chooses the fastest cut; moves only for a gain of over 3 %.</summary>
    public static CutRule Fastest { get; } = new FastestCut();

    /// <summary>Asks a planner, whose nodes are the device and the edge.</summary>
    /// <param name="planner">Makes the plan.</param>
    /// <param name="objective">The objective; null (default): only time. Work, rows per batch, bytes per value and minimum layers are those
    /// of the device.</param>
    /// <param name="power">The power draw of the device; null (default): none, so energy is ignored.</param>
    public static CutRule By(Planner planner, Objective? objective = null, Simulation.PowerProfile? power = null)
    {
        ArgumentNullException.ThrowIfNull(planner);
        return new PlannedCut(planner, objective, power ?? Simulation.PowerProfile.None);
    }

    /// <summary>Chooses the cut together with the exit thresholds: of the pairs that lose at most a share of the best accuracy, the one
    /// with the least energy, or with the least time if the device draws no power.</summary>
    /// <param name="network">The network; rows leave at its exits.</param>
    /// <param name="curve">Choices of thresholds with their accuracy and the share of rows that leaves at each exit.</param>
    /// <param name="loss">Share of the accuracy that may be lost, 0 or more; default 0.01.</param>
    /// <param name="within">Mean seconds of an answer; pairs that need more are used only if all do. Null (default): any.</param>
    /// <param name="power">The power draw of the device; null (default): none.</param>
    /// <remarks>Source: Laskaridis et al. (2020), SPINN.</remarks>
    public static CutRule Exits(
        Network network, ExitCurve curve, double loss = 0.01, TimeSpan? within = null, Simulation.PowerProfile? power = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(curve);
        return ExitCut.Of(network, curve, loss, within, power ?? Simulation.PowerProfile.None);
    }

    /// <summary>Returns the number of layers on the device, <paramref name="min"/> to <paramref name="max"/>, with its costs.</summary>
    internal abstract CutChoice Choose(LayerCosts model, CutView view, int min, int max);
}

internal sealed record FastestCut : CutRule
{
    private const double MinGain = 0.03;

    internal override CutChoice Choose(LayerCosts model, CutView view, int min, int max)
    {
        var (best, least) = (max, double.PositiveInfinity);
        for (var cut = min; cut <= max; cut++)
        {
            if (view.SecondsAt(model, cut) is var seconds && seconds < least) { (best, least) = (cut, seconds); }
        }

        if (view.Cut >= min && view.Cut <= max && view.SecondsAt(model, view.Cut) is var now && least >= (1 - MinGain) * now)
        {
            (best, least) = (view.Cut, now);
        }

        return new(best, least, view.SecondsAt(model, model.Count));
    }
}
