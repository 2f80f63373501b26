namespace StreamLearn.Operators;

/// <summary>A source's clock, for judging future and idle: event now = start + speed-up × time since the block began.</summary>
/// <remarks>For last year's recording at 8x, set last year's start and a speed-up of 8: one silent second of the run is eight of the
/// device.</remarks>
public sealed record EventClock
{
    /// <summary>Valid times are within ±2^62 ns: 1823 to 2116.</summary>
    internal const long Bound = 1L << 62;

    private const long NanosecondsPerTick = 100;
    private const long MaxTicks = Bound / NanosecondsPerTick;
    private const double MinSpeedUp = 1e-6;
    private const int FirstYear = 2025;         // first plausible year of a clock that is set

    /// <summary>Event time at which the block begins, between the years 1824 and 2116; null (default): the run's time, for a live
    /// source.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Event seconds per second of the run, at least 1e-6; default 1. Infinite: full speed; no row is in the future, and no flow
    /// is idle.</summary>
    public double SpeedUp { get; init; } = 1;

    /// <summary>The clock of the machine, for a live source whose clock may be set during the run. Before 2025 it counts as not set, and no
    /// row is in the future. Such a run cannot be replayed. Null (default): the run's time.</summary>
    public TimeProvider? Machine { get; init; }

    /// <summary>The clock of a live source: the run's time.</summary>
    public static EventClock Live { get; } = new();

    /// <summary>The clock of a recording at full speed: no row is in the future, and no flow is idle.</summary>
    public static EventClock FullSpeed { get; } = new() { SpeedUp = double.PositiveInfinity };

    /// <inheritdoc />
    public override string ToString() => double.IsPositiveInfinity(SpeedUp) ? "full speed"
        : FormattableString.Invariant($"{(Start is { } start ? $"from {start:O}" : "live")}, {SpeedUp}x");

    internal static long Nanoseconds(DateTimeOffset time) =>
        Math.Clamp(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, -MaxTicks, MaxTicks) * NanosecondsPerTick;

    internal static long Nanoseconds(TimeSpan time) => Math.Clamp(time.Ticks, -MaxTicks, MaxTicks) * NanosecondsPerTick;

    internal void Check(string parameter)
    {
        if (!(SpeedUp >= MinSpeedUp))
        {
            throw new ArgumentOutOfRangeException(parameter, SpeedUp, $"expected a speed-up of at least {MinSpeedUp}");
        }

        if (Start is { UtcDateTime.Year: < 1824 or >= 2116 })
        {
            throw new ArgumentOutOfRangeException(parameter, Start, "expected a start between the years 1824 and 2116");
        }
    }

    /// <summary>In nanoseconds; the end of time at full speed.</summary>
    internal long Now(OperatorContext context) => double.IsPositiveInfinity(SpeedUp) ? long.MaxValue
        : Machine is { } machine ? (machine.GetUtcNow() is { Year: >= FirstYear } set ? Nanoseconds(set) : long.MaxValue)
        : Nanoseconds(Start ?? context.Started) + Passed(context.Now - context.Started);

    /// <summary>Nanoseconds of event time; none at full speed.</summary>
    internal long Passed(TimeSpan time) =>
        double.IsPositiveInfinity(SpeedUp) ? 0 : (long)Math.Min(Bound / 2, time.Ticks * (SpeedUp * NanosecondsPerTick));

    /// <summary>Converts a duration of event time to the run's time, rounded up; null: never.</summary>
    internal TimeSpan? TimeFor(long nanoseconds)
    {
        var ticks = Math.Ceiling(nanoseconds / (SpeedUp * NanosecondsPerTick));
        return double.IsPositiveInfinity(SpeedUp) || ticks > MaxTicks ? null : new((long)ticks);
    }
}
