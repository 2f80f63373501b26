using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>From a moment on, a device runs at another speed.</summary>
/// <param name="At">Virtual time since the world's start.</param>
/// <param name="Speed">Share of the profile's rate, more than 0.</param>
public readonly record struct SpeedChange(TimeSpan At, double Speed);

/// <summary>What a simulated device can compute. Source: the cost model of the project's federated-learning scenarios,
/// macs / (rate × speed(t)) × jitter.</summary>
public sealed record DeviceProfile
{
    /// <summary>A device whose calls take no time.</summary>
    public static DeviceProfile Unlimited { get; } = new();

    /// <summary>Multiply-adds per second and core, more than 0; default without limit.</summary>
    public double MultiplyAddsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Share of the rate before the first change of speed, more than 0; default 1.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Changes of speed, in order of time; default none. A call runs at the speed of its start.</summary>
    public ImmutableArray<SpeedChange> SpeedTrace { get; init; } = [];

    /// <summary>Calls that run at the same time, at least 1; default 1.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>Relative standard deviation of a call's duration, 0 to 1; default 0. The factor is max(<see cref="LeastJitter"/>,
    /// 1 + jitter × N(0, 1)).</summary>
    public double Jitter { get; init; }

    /// <summary>The least factor that jitter gives, above 0 and at most 1; default 0.2.</summary>
    public double LeastJitter { get; init; } = 0.2;

    /// <summary>Seconds that the layers of its model take at speed 1, as measured; default null: the time of all work goes by its
    /// multiply-adds. Who charges layers says which (<see cref="OperatorContext.ChargeLayers"/>).</summary>
    public LayerTimes? LayerTimes { get; init; }

    /// <summary>Memory for its pipeline, in bytes, more than 0; default without limit. A pipeline whose worst case
    /// (<see cref="Pipeline.Explain()"/>) is more is refused when it is added.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>What it draws; default nothing. <see cref="VirtualDevice.Joules"/> goes by it, and nothing else does.</summary>
    public PowerProfile Power { get; init; } = PowerProfile.None;

    internal DeviceProfile Checked()
    {
        ArgumentNullException.ThrowIfNull(Power);
        Power.Check();
        Profiles.Require(MultiplyAddsPerSecond > 0, nameof(MultiplyAddsPerSecond), "more than 0", MultiplyAddsPerSecond);
        Profiles.Require(Speed > 0 && double.IsFinite(Speed), nameof(Speed), "a number of more than 0", Speed);
        Profiles.Require(Cores >= 1, nameof(Cores), "at least 1", Cores);
        Profiles.Require(Jitter is >= 0 and <= 1, nameof(Jitter), "0 to 1", Jitter);
        Profiles.Require(LeastJitter is > 0 and <= 1, nameof(LeastJitter), "above 0 and at most 1", LeastJitter);
        Profiles.Require(MemoryBytes > 0, nameof(MemoryBytes), "more than 0", MemoryBytes);
        Profiles.RequireTimes(LayerTimes, nameof(LayerTimes));
        var trace = SpeedTrace.IsDefault ? [] : SpeedTrace;
        Profiles.RequireSpeeds(trace, nameof(SpeedTrace), "speeds");
        return SpeedTrace.IsDefault ? this with { SpeedTrace = trace } : this;
    }

    /// <inheritdoc />
    public bool Equals(DeviceProfile? other) =>
        other is not null
        && (MultiplyAddsPerSecond, Speed, Cores) == (other.MultiplyAddsPerSecond, other.Speed, other.Cores)
        && (Jitter, LeastJitter, Power) == (other.Jitter, other.LeastJitter, other.Power)
        && MemoryBytes == other.MemoryBytes && Equals(LayerTimes, other.LayerTimes)
        && SpeedTrace.AsSpan().SequenceEqual(other.SpeedTrace.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(MultiplyAddsPerSecond, Speed, Cores, Jitter, SpeedTrace.AsSpan().Length);
}
