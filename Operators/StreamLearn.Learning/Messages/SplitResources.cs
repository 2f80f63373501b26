namespace StreamLearn.Learning;

/// <summary>Resources that a device reports to planners when it joins split training. Immutable.</summary>
public sealed record SplitResources
{
    /// <summary>Time of each layer; null: not measured.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Memory for training, in bytes; default unlimited.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Power while computing, in watts; 0, the default: unknown.</summary>
    public double ComputingWatts { get; init; }

    /// <summary>Power while sending, in watts; default 0.</summary>
    public double SendingWatts { get; init; }

    /// <summary>Power while receiving, in watts; default 0.</summary>
    public double ReceivingWatts { get; init; }

    /// <summary>True if every value is in its range.</summary>
    public bool AreValid => MemoryBytes > 0 && IsPower(ComputingWatts) && IsPower(SendingWatts) && IsPower(ReceivingWatts)
        && AreTimes(Times?.Forward ?? []) && AreTimes(Times?.Backward ?? []);

    internal static bool AreTimes(ImmutableArray<double> seconds) => seconds.All(static t => t >= 0 && double.IsFinite(t));

    private static bool IsPower(double watts) => watts >= 0 && double.IsFinite(watts);

    internal static SplitResources? Fields(ref FrameFields f, SplitResources? r)
    {
        var (memory, computing) = (f.Long(r?.MemoryBytes), f.Double(r?.ComputingWatts));
        var (sending, receiving) = (f.Double(r?.SendingWatts), f.Double(r?.ReceivingWatts));
        var count = f.Int(r?.Times?.Count);
        var (forward, backward) = (f.Doubles(r?.Times?.Forward, count), f.Doubles(r?.Times?.Backward, count));
        if (!f.HasRead()) { return r; }
        r = new()
        {
            MemoryBytes = memory,
            ComputingWatts = computing,
            SendingWatts = sending,
            ReceivingWatts = receiving,
            Times = count == 0 ? null : new(forward, backward),
        };
        return f.HasRead(r.AreValid) ? r : null;
    }
}
