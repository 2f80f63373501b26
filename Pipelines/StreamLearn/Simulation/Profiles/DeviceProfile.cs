using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>A simulated device's computing power. Source: the cost model of the project's federated-learning scenarios, macs / (rate ×
/// speed(t)) × jitter.</summary>
public sealed record DeviceProfile
{
    /// <summary>A device whose calls take no time.</summary>
    public static DeviceProfile Unlimited { get; } = new();

    /// <summary>Multiply-adds per second and core, above 0; default unlimited.</summary>
    public double MultiplyAddsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Initial share of the rate, above 0; default 1.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Speed changes in order of virtual time since the start, as shares of the rate, above 0; default none. A call keeps the
    /// speed at its start.</summary>
    public ImmutableArray<(TimeSpan At, double Speed)> SpeedTrace { get; init; } = [];

    /// <summary>Concurrent calls, at least 1; default 1.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>Relative standard deviation of a call's duration, 0 to 1; default 0. The factor is max(<see cref="LeastJitter"/>,
    /// 1 + jitter × N(0, 1)).</summary>
    public double Jitter { get; init; }

    /// <summary>The minimum jitter factor, above 0, at most 1; default 0.2.</summary>
    public double LeastJitter { get; init; } = 0.2;

    /// <summary>Measured layer times at speed 1, applied to work charged by layer (<see cref="OperatorContext.ChargeLayers"/>). Default
    /// null: all work is timed by multiply-adds.</summary>
    public LayerTimes? LayerTimes { get; init; }

    /// <summary>Memory for its pipeline in bytes, above 0; default unlimited. A pipeline with a higher worst case
    /// (<see cref="Pipeline.Explain()"/>) is refused when added.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Power draw, which affects only <see cref="VirtualDevice.Joules"/>; default none.</summary>
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

    /// <summary>A Raspberry Pi 3: 3.8 W computing, 1.1 W sending, 0.8 W receiving.</summary>
    public static DeviceProfile Pi3 { get; } = Of(Vgg5Times.Pi3, 3.8, 1.1, .8);

    /// <summary>A Jetson Nano at full power: 7.253 W computing, 2.320 W sending, 2.260 W receiving.</summary>
    public static DeviceProfile NanoMaxn { get; } = Of(Vgg5Times.NanoMaxn, 7.253, 2.320, 2.260);

    /// <summary>A Jetson Nano limited to 5 W: 4.205 W computing, 1.917 W sending, 1.912 W receiving.</summary>
    public static DeviceProfile Nano5w { get; } = Of(Vgg5Times.Nano5w, 4.205, 1.917, 1.912);

    /// <summary>A Jetson Nano in a mode below 5 W: 2.396 W computing, 1.754 W sending, 1.755 W receiving.</summary>
    public static DeviceProfile NanoCustom { get; } = Of(Vgg5Times.NanoCustom, 2.396, 1.754, 1.755);

    /// <summary>An edge server with one core, whose energy is not counted. Set more cores to serve devices concurrently.</summary>
    public static DeviceProfile EdgeServer { get; } = Of(Vgg5Times.EdgeServer, 0, 0, 0);

    private static DeviceProfile Of(LayerTimes times, double computing, double sending, double receiving) => new()
    {
        MultiplyAddsPerSecond = 3 * Vgg5Times.MultiplyAdds / times.Seconds(0, times.Count),
        LayerTimes = times,
        Power = new() { ComputingWatts = computing, SendingWatts = sending, ReceivingWatts = receiving },
    };
}
