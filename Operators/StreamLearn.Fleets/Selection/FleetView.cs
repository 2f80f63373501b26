namespace StreamLearn.Fleets;

/// <summary>The fleet as a round begins.</summary>
public readonly ref struct FleetView
{
    /// <summary>Values of <see cref="Memory"/>.</summary>
    public const int MemoryValues = 16;

    /// <summary>Devices that are alive and have announced data, in order.</summary>
    public required ReadOnlySpan<DeviceView> Devices { get; init; }

    /// <summary>The model version that the round follows.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// What a rule of selection remembers from one round to the next: <see cref="MemoryValues"/> numbers, zeros at first, kept by the
    /// block.
    /// </summary>
    public required Span<double> Memory { get; init; }
}

/// <summary>
/// What is known of a device as it is chosen or told what to do. All but the name is zero or null until the device has reported.
/// </summary>
public readonly record struct DeviceView
{
    /// <summary>The device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>The version that its last update was learned from; −1 before the first of this start of the device.</summary>
    public long BaseVersion { get; init; }

    /// <summary>Samples processed for its last update.</summary>
    public int Samples { get; init; }

    /// <summary>Steps made for its last update.</summary>
    public int Steps { get; init; }

    /// <summary>Mean training loss of its last update.</summary>
    public float Loss { get; init; }

    /// <summary>
    /// Smoothed time from the version that a round began with to the device's update, or from its update before where that came later: what
    /// the next is expected to take; null while unknown.
    /// </summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Rounds it was invited to by a selection and that have ended.</summary>
    public int Invitations { get; init; }

    /// <summary>Those in which it reported in time.</summary>
    public int Participations { get; init; }

    /// <summary>The version that the last round in which it reported followed; null before the first.</summary>
    public long? LastRound { get; init; }

    /// <summary>Its smoothed time per step over the fleet's median; 1 is ordinary, and stands for an unknown one.</summary>
    public double Score { get; init; }
}
