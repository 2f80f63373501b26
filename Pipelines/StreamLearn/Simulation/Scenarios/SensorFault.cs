namespace StreamLearn.Simulation;

/// <summary>How a sensor is broken.</summary>
public enum SensorFaultKind
{
    /// <summary>A channel repeats the value that it had: <c>StickAxis</c>.</summary>
    Stuck,

    /// <summary>Its clock is wrong: <c>ShiftClock</c>.</summary>
    Clock,
}

/// <summary>A broken sensor of a scenario.</summary>
public sealed record SensorFault
{
    /// <summary>The device's name, or <c>#</c> and its place in the fleet, from 0.</summary>
    public required string Device { get; init; }

    /// <summary>How it is broken.</summary>
    public required SensorFaultKind Kind { get; init; }

    /// <summary>The channel that sticks; empty for a clock.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Seconds of the sensor's own time, since its first row, from which the channel sticks, 0 or more; default 0.</summary>
    public double FromSeconds { get; init; }

    /// <summary>Seconds that the clock is ahead, negative when it is behind; 0 for a channel that sticks.</summary>
    public double AheadSeconds { get; init; }

    /// <summary>True if it is this device whose sensor is broken.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its place in the fleet, from 0.</param>
    public bool Hits(string name, int index) => DeviceReference.Means(Device, name, index);

    /// <inheritdoc />
    public override string ToString() => Kind == SensorFaultKind.Clock
        ? FormattableString.Invariant($"clock {Math.Abs(AheadSeconds)} s {(AheadSeconds < 0 ? "behind" : "ahead")}")
        : FromSeconds == 0 ? $"'{Channel}' stuck" : FormattableString.Invariant($"'{Channel}' stuck from {FromSeconds} s on");
}
