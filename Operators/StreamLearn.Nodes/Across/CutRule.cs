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

    /// <summary>Returns the number of layers on the device, <paramref name="min"/> to <paramref name="max"/>.</summary>
    internal abstract int Choose(LayerCosts model, CutView view, int min, int max);
}
