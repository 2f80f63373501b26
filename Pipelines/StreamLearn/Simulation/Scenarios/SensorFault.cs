namespace StreamLearn.Simulation;

/// <summary>The kind of a sensor fault.</summary>
public enum SensorFaultKind
{
    /// <summary>A channel repeats its value: <c>StickAxis</c>.</summary>
    Stuck,

    /// <summary>A wrong clock: <c>ShiftClock</c>.</summary>
    Clock,
}

/// <summary>A sensor fault of a scenario.</summary>
public sealed record SensorFault
{
    /// <summary>The device's name, or <c>#</c> and its index, from 0.</summary>
    public required string Device { get; init; }

    /// <summary>The kind.</summary>
    public required SensorFaultKind Kind { get; init; }

    /// <summary>The stuck channel; empty for a clock.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Sensor time in seconds since the first row from which the channel sticks, 0 or more; default 0.</summary>
    public double FromSeconds { get; init; }

    /// <summary>The clock's lead in seconds; negative: lag; 0 for a stuck channel.</summary>
    public double AheadSeconds { get; init; }

    /// <summary>True if it concerns this device.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its index, from 0.</param>
    public bool Hits(string name, int index) => DeviceReference.Means(Device, name, index);

    /// <inheritdoc />
    public override string ToString() => Kind == SensorFaultKind.Clock
        ? FormattableString.Invariant($"clock {Math.Abs(AheadSeconds)} s {(AheadSeconds < 0 ? "behind" : "ahead")}")
        : FromSeconds == 0 ? $"'{Channel}' stuck" : FormattableString.Invariant($"'{Channel}' stuck from {FromSeconds} s on");
}
