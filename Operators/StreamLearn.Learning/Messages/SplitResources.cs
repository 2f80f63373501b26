using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>What a device says of itself when it joins split training: planners go by it. Immutable.</summary>
public sealed record SplitResources
{
    /// <summary>What it takes for the layers of the model; null: it has not measured that.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Memory for training, in bytes; default without limit.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Power while it computes, in watts; 0, the default: it does not say.</summary>
    public double ComputingWatts { get; init; }

    /// <summary>Power while it sends, in watts; default 0.</summary>
    public double SendingWatts { get; init; }

    /// <summary>Power while it receives, in watts; default 0.</summary>
    public double ReceivingWatts { get; init; }

    /// <summary>True if every value is in its range.</summary>
    public bool AreValid => MemoryBytes > 0 && IsPower(ComputingWatts) && IsPower(SendingWatts) && IsPower(ReceivingWatts)
        && AreTimes(Times?.Forward ?? []) && AreTimes(Times?.Backward ?? []);

    internal static bool AreTimes(ImmutableArray<double> seconds) => seconds.All(static t => t >= 0 && double.IsFinite(t));

    private static bool IsPower(double watts) => watts >= 0 && double.IsFinite(watts);
}
