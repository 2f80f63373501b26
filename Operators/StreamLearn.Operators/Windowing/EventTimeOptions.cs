namespace StreamLearn.Operators;

/// <summary>How <c>WindowByTime</c> and <c>SessionWindow</c> deal with event time.</summary>
public sealed record EventTimeOptions
{
    /// <summary>The int32 column of a window's revision, from 0; there where <see cref="Lateness"/> is more than zero.</summary>
    public const string RevisionColumn = "revision";

    /// <summary>The int64 column of a window's start, in nanoseconds; there where <see cref="Lateness"/> is more than zero.</summary>
    public const string WindowColumn = "window";

    /// <summary>How far a row may come behind the newest one and still be in time: the watermark stands this far behind the newest event
    /// time. 0 to 365 days; default 0, a stream in order.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long after a window has been emitted a late row still changes it: the window comes again, as a higher revision. 0 to
    /// 365 days; default 0, never.</summary>
    public TimeSpan Lateness { get; init; }

    /// <summary>An input silent for this long, on <see cref="Clock"/>, holds no window any more: the watermark goes on with the clock.
    /// More than zero, or infinite; default 5 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How far ahead of <see cref="Clock"/> a row may be; what is further ahead is quarantined and moves no watermark. 0 or
    /// more; default 2 s.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The source's own clock; default <see cref="EventClock.Live"/>.</summary>
    public EventClock Clock { get; init; } = EventClock.Live;

    /// <summary>A time at which a window starts; default 1970-01-01T00:00Z. Sessions have none.</summary>
    public DateTimeOffset Origin { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>True: late rows are dropped and counted <c>late</c>. False, the default: they go to the side output.</summary>
    public bool DropLate { get; init; }

    /// <summary>Rows held at most, 1 to 2^22; default 8192. A row for which there is no space is dropped as <c>window-full</c>; its time
    /// still counts.</summary>
    public int MaxHeldRows { get; init; } = 8192;

    /// <summary>Windows that one call emits at most, 1 to 4096; default 64. A longer batch is read in several calls, and the next one
    /// waits.</summary>
    public int MaxOutputsPerCall { get; init; } = 64;

    /// <inheritdoc />
    public override string ToString() =>
        $"delay {Delay}, lateness {Lateness}, idle {Idle}, future {MaxFuture}, clock {Clock}, up to {MaxHeldRows} rows";

    internal static TimeSpan Longest { get; } = TimeSpan.FromDays(365);

    /// <summary>Throws if a setting is out of range.</summary>
    internal void Check()
    {
        const string Parameter = "options";
        ArgumentNullException.ThrowIfNull(Clock, Parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero, Parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Delay, Longest, Parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lateness, TimeSpan.Zero, Parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lateness, Longest, Parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFuture, TimeSpan.Zero, Parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeldRows, 1, Parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxHeldRows, 1 << 22, Parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOutputsPerCall, 1, Parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxOutputsPerCall, 4096, Parameter);
        if (Idle != Timeout.InfiniteTimeSpan) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Idle, TimeSpan.Zero, Parameter); }
        Clock.Check(Parameter);
    }
}
