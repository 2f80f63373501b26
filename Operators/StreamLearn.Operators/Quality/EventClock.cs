namespace StreamLearn.Operators;

/// <summary>The clock of a source's own time: event now = start + speed-up × time since the block began. What is in the future and what
/// is idle is judged by it.</summary>
/// <remarks>A recording of last year replayed at 8x has a start of last year and a speed-up of 8: its rows are not old, and a device
/// that is silent for one second of the run is silent for eight of its own.</remarks>
public sealed record EventClock
{
    /// <summary>Nanoseconds beyond which a time is not valid: ±2^62, 1823 to 2116.</summary>
    internal const long Bound = 1L << 62;

    private const long NanosecondsPerTick = 100;
    private const long MaxTicks = Bound / NanosecondsPerTick;
    private const double MinSpeedUp = 1e-6;
    private const int FirstYear = 2025;         // of a clock that is set

    /// <summary>The event time at which the block begins, between the years 1824 and 2116; default null, the time of the run: a live
    /// source.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Seconds of event time in a second of the run, at least 1e-6; default 1. Infinite: full speed, where nothing is in the
    /// future and nothing idle.</summary>
    public double SpeedUp { get; init; } = 1;

    /// <summary>The clock of the machine, for a live source on one whose clock may be set while the run goes on, which the run's own clock
    /// does not follow: event now is what it says, and before 2025, when it has not been set yet, nothing is in the future. Default null:
    /// the time of the run. A run with it cannot be replayed.</summary>
    public TimeProvider? Machine { get; init; }

    /// <summary>The clock of a live source: event now is the time of the run.</summary>
    public static EventClock Live { get; } = new();

    /// <summary>The clock of a recording that is read as fast as it goes: nothing is in the future and nothing idle.</summary>
    public static EventClock FullSpeed { get; } = new() { SpeedUp = double.PositiveInfinity };

    /// <inheritdoc />
    public override string ToString() => double.IsPositiveInfinity(SpeedUp) ? "full speed"
        : FormattableString.Invariant($"{(Start is { } start ? $"from {start:O}" : "live")}, {SpeedUp}x");

    internal static long Nanoseconds(DateTimeOffset time) =>
        Math.Clamp(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, -MaxTicks, MaxTicks) * NanosecondsPerTick;

    internal static long Nanoseconds(TimeSpan time) => Math.Clamp(time.Ticks, -MaxTicks, MaxTicks) * NanosecondsPerTick;

    /// <summary>Throws if the clock cannot run.</summary>
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

    /// <summary>The event time now, in nanoseconds; the end of time at full speed.</summary>
    internal long Now(OperatorContext context) => double.IsPositiveInfinity(SpeedUp) ? long.MaxValue
        : Machine is { } machine ? (machine.GetUtcNow() is { Year: >= FirstYear } set ? Nanoseconds(set) : long.MaxValue)
        : Nanoseconds(Start ?? context.Started) + Passed(context.Now - context.Started);

    /// <summary>Event nanoseconds that pass in a time of the run; none at full speed.</summary>
    internal long Passed(TimeSpan time) =>
        double.IsPositiveInfinity(SpeedUp) ? 0 : (long)Math.Min(Bound / 2, time.Ticks * (SpeedUp * NanosecondsPerTick));

    /// <summary>The time of the run in which so many event nanoseconds pass, rounded up; null if that is never.</summary>
    internal TimeSpan? TimeFor(long nanoseconds)
    {
        var ticks = Math.Ceiling(nanoseconds / (SpeedUp * NanosecondsPerTick));
        return double.IsPositiveInfinity(SpeedUp) || ticks > MaxTicks ? null : new((long)ticks);
    }
}
