namespace StreamLearn.Simulation;

/// <summary>A sensor fault of a scenario: a channel that repeats its value (<c>StickAxis</c>), or a wrong clock
/// (<c>ShiftClock</c>).</summary>
public sealed record SensorFault
{
    /// <summary>The device's name, or <c>#</c> and its index, from 0.</summary>
    public required string Device { get; init; }

    /// <summary>True: a wrong clock; false: a stuck channel.</summary>
    public bool IsClock => Channel.Length == 0;

    /// <summary>The stuck channel; empty for a clock.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Sensor time, in seconds since the first row, from which the channel is stuck; 0 or more; default 0.</summary>
    public double FromSeconds { get; init; }

    /// <summary>How far the clock is ahead, in seconds; negative: behind; 0 for a stuck channel.</summary>
    public double AheadSeconds { get; init; }

    /// <summary>Returns true if the event affects this device.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="index">Its index, from 0.</param>
    public bool Hits(string name, int index) => DeviceReference.Means(Device, name, index);

    /// <inheritdoc />
    public override string ToString() => IsClock
        ? FormattableString.Invariant($"clock {Math.Abs(AheadSeconds)} s {(AheadSeconds < 0 ? "behind" : "ahead")}")
        : FromSeconds == 0 ? $"'{Channel}' stuck" : FormattableString.Invariant($"'{Channel}' stuck from {FromSeconds} s on");
}
