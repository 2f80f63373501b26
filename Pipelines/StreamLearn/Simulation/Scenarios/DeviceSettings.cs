namespace StreamLearn.Simulation;

/// <summary>Speed and link of devices as a scenario file states them; what is absent comes from the defaults.</summary>
public sealed record DeviceSettings
{
    /// <summary>What a device computes where neither it nor the defaults say: 12.5 million multiply-adds per second and core, a
    /// microcontroller of the larger kind.</summary>
    public const double DefaultMegaMultiplyAddsPerSecond = 12.5;

    /// <summary>Million multiply-adds per second and core, more than 0; absent:
    /// <see cref="DefaultMegaMultiplyAddsPerSecond"/>.</summary>
    public double? MegaMultiplyAddsPerSecond { get; init; }

    /// <summary>Share of that rate, more than 0; absent: 1, or drawn. Of a device it replaces what was drawn.</summary>
    public double? Speed { get; init; }

    /// <summary>Changes of speed, in order of time, instead of what was drawn.</summary>
    public IReadOnlyList<SpeedChange>? SpeedTrace { get; init; }

    /// <summary>Calls that run at the same time, at least 1; absent: 1.</summary>
    public int? Cores { get; init; }

    /// <summary>Relative standard deviation of a call's duration, 0 to 1; absent: 0.</summary>
    public double? Jitter { get; init; }

    /// <summary>The least factor that jitter gives, above 0 and at most 1; absent: 0.2.</summary>
    public double? LeastJitter { get; init; }

    /// <summary>Megabits per second from the device, more than 0; absent: without limit.</summary>
    public double? UpMegabitsPerSecond { get; init; }

    /// <summary>Megabits per second to the device, more than 0; absent: without limit.</summary>
    public double? DownMegabitsPerSecond { get; init; }

    /// <summary>One-way delay in milliseconds, 0 or more; absent: 0.</summary>
    public double? DelayMilliseconds { get; init; }

    /// <summary>Standard deviation of the delay in milliseconds, 0 or more; absent: 0.</summary>
    public double? DelayDeviationMilliseconds { get; init; }

    /// <summary>Changes of the delay, in order of time.</summary>
    public IReadOnlyList<DelayChange>? DelayTrace { get; init; }

    /// <summary>Changes of both rates, as shares of them, in order of time.</summary>
    public IReadOnlyList<SpeedChange>? RateTrace { get; init; }

    /// <summary>Share of transfers that are lost and made again, 0 or more and below 1; absent: 0.</summary>
    public double? Loss { get; init; }

    /// <summary>Times in which the link carries nothing, in order and apart.</summary>
    public IReadOnlyList<Outage>? Outages { get; init; }

    /// <summary>What the device draws; absent: nothing. That of a device replaces that of the defaults as a whole.</summary>
    public PowerProfile? Power { get; init; }

    internal DeviceSettings With(DeviceSettings own) => new()
    {
        MegaMultiplyAddsPerSecond = own.MegaMultiplyAddsPerSecond ?? MegaMultiplyAddsPerSecond,
        Speed = own.Speed ?? Speed,
        SpeedTrace = own.SpeedTrace ?? SpeedTrace,
        Cores = own.Cores ?? Cores,
        Jitter = own.Jitter ?? Jitter,
        LeastJitter = own.LeastJitter ?? LeastJitter,
        UpMegabitsPerSecond = own.UpMegabitsPerSecond ?? UpMegabitsPerSecond,
        DownMegabitsPerSecond = own.DownMegabitsPerSecond ?? DownMegabitsPerSecond,
        DelayMilliseconds = own.DelayMilliseconds ?? DelayMilliseconds,
        DelayDeviationMilliseconds = own.DelayDeviationMilliseconds ?? DelayDeviationMilliseconds,
        DelayTrace = own.DelayTrace ?? DelayTrace,
        RateTrace = own.RateTrace ?? RateTrace,
        Loss = own.Loss ?? Loss,
        Outages = own.Outages ?? Outages,
        Power = own.Power ?? Power,
    };

    internal DeviceProfile ToDevice(double speed) => new()
    {
        MultiplyAddsPerSecond = (MegaMultiplyAddsPerSecond ?? DefaultMegaMultiplyAddsPerSecond) * 1e6,
        Speed = speed,
        SpeedTrace = [.. SpeedTrace ?? []],
        Cores = Cores ?? 1,
        Jitter = Jitter ?? 0,
        LeastJitter = LeastJitter ?? new DeviceProfile().LeastJitter,
        Power = Power ?? PowerProfile.None,
    };

    internal LinkProfile ToLink() => new()
    {
        UpBitsPerSecond = UpMegabitsPerSecond * 1e6 ?? double.PositiveInfinity,
        DownBitsPerSecond = DownMegabitsPerSecond * 1e6 ?? double.PositiveInfinity,
        Delay = TimeSpan.FromMilliseconds(DelayMilliseconds ?? 0),
        DelayDeviation = TimeSpan.FromMilliseconds(DelayDeviationMilliseconds ?? 0),
        DelayTrace = [.. DelayTrace ?? []],
        RateTrace = [.. RateTrace ?? []],
        Loss = Loss ?? 0,
        Outages = [.. Outages ?? []],
    };
}
