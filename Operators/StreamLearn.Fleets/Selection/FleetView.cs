namespace StreamLearn.Fleets;

/// <summary>The fleet at the start of a round.</summary>
public readonly ref struct FleetView
{
    /// <summary>Length of <see cref="Memory"/>.</summary>
    public const int MemoryValues = 16;

    /// <summary>Live devices that have announced data, in order.</summary>
    public required ReadOnlySpan<DeviceView> Devices { get; init; }

    /// <summary>The version before the round.</summary>
    public required long Version { get; init; }

    /// <summary>Memory of the selection between rounds: <see cref="MemoryValues"/> numbers, initially zero.</summary>
    public required Span<double> Memory { get; init; }
}

/// <summary>A device as rules for selection and directives see it. Before its first report, all but the name is zero or null.</summary>
public readonly record struct DeviceView
{
    /// <summary>The device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Base version of its last update; −1: none since its start.</summary>
    public long BaseVersion { get; init; }

    /// <summary>Samples of its last update.</summary>
    public int Samples { get; init; }

    /// <summary>Steps of its last update.</summary>
    public int Steps { get; init; }

    /// <summary>Mean training loss of its last update.</summary>
    public float Loss { get; init; }

    /// <summary>Expected time of an update: smoothed, from the round's version or, if later, its previous update; null: unknown.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Finished rounds for which it was selected.</summary>
    public int Invitations { get; init; }

    /// <summary>Rounds in which it reported in time.</summary>
    public int Participations { get; init; }

    /// <summary>Base version of the last round in which it reported; null: none.</summary>
    public long? LastRound { get; init; }

    /// <summary>Smoothed time per step divided by the median of the fleet; 1 if unknown.</summary>
    public double Score { get; init; }
}
