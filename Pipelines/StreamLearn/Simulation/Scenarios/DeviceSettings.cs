namespace StreamLearn.Simulation;

/// <summary>Device speed and link in a scenario file; absent values come from the defaults.</summary>
public sealed record DeviceSettings
{
    /// <summary>Default rate: 12.5 million multiply-adds per second and core, a larger microcontroller.</summary>
    public const double DefaultMegaMultiplyAddsPerSecond = 12.5;

    /// <summary>Million multiply-adds per second and core, above 0; absent: <see cref="DefaultMegaMultiplyAddsPerSecond"/>.</summary>
    public double? MegaMultiplyAddsPerSecond { get; init; }

    /// <summary>Share of that rate, above 0; absent: 1, or drawn at random. A device's own value replaces the drawn one.</summary>
    public double? Speed { get; init; }

    /// <summary>Speed changes in order of time; they replace the drawn speed.</summary>
    public IReadOnlyList<(TimeSpan At, double Speed)>? SpeedTrace { get; init; }

    /// <summary>Concurrent calls, at least 1; absent: 1.</summary>
    public int? Cores { get; init; }

    /// <summary>Relative standard deviation of call durations, 0 to 1; absent: 0.</summary>
    public double? Jitter { get; init; }

    /// <summary>The minimum jitter factor, above 0, at most 1; absent: 0.2.</summary>
    public double? LeastJitter { get; init; }

    /// <summary>Megabits per second from the device, above 0; absent: unlimited.</summary>
    public double? UpMegabitsPerSecond { get; init; }

    /// <summary>Megabits per second to the device, above 0; absent: unlimited.</summary>
    public double? DownMegabitsPerSecond { get; init; }

    /// <summary>One-way delay in milliseconds, 0 or more; absent: 0.</summary>
    public double? DelayMilliseconds { get; init; }

    /// <summary>Delay standard deviation in milliseconds, 0 or more; absent: 0.</summary>
    public double? DelayDeviationMilliseconds { get; init; }

    /// <summary>Delay changes, in order of time.</summary>
    public IReadOnlyList<(TimeSpan At, TimeSpan Delay)>? DelayTrace { get; init; }

    /// <summary>Changes of both rates, as shares, in order of time.</summary>
    public IReadOnlyList<(TimeSpan At, double Speed)>? RateTrace { get; init; }

    /// <summary>Share of transfers that are lost and repeated, 0 or more and below 1; absent: 0.</summary>
    public double? Loss { get; init; }

    /// <summary>Ordered, disjoint outages.</summary>
    public IReadOnlyList<(TimeSpan From, TimeSpan To)>? Outages { get; init; }

    /// <summary>Power draw; absent: none. A device's value replaces the default as a whole.</summary>
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
