namespace StreamLearn.Operators;

/// <summary>Event-time settings of <c>WindowByTime</c> and <c>SessionWindow</c>.</summary>
public sealed record EventTimeOptions
{
    /// <summary>The int32 column of a window's revision, from 0, if <see cref="Lateness"/> is above zero.</summary>
    public const string RevisionColumn = "revision";

    /// <summary>The int64 column of a window's start, in nanoseconds, if <see cref="Lateness"/> is above zero.</summary>
    public const string WindowColumn = "window";

    /// <summary>How far the watermark trails the newest event time. Rows that arrive before it are on time. 0 to 365 days; default 0, for
    /// an ordered stream.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long after its emission late rows still revise a window, which is then emitted again. 0 to 365 days; default 0:
    /// never.</summary>
    public TimeSpan Lateness { get; init; }

    /// <summary>Silence, by <see cref="Clock"/>, after which the watermark advances with the clock. Above zero, or infinite; default 5
    /// s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How far a row may be ahead of <see cref="Clock"/>. Rows further ahead are quarantined and move no watermark. 0 or more;
    /// default 2 s.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The source's clock; default <see cref="EventClock.Live"/>.</summary>
    public EventClock Clock { get; init; } = EventClock.Live;

    /// <summary>The start of a window; default 1970-01-01T00:00Z. Not used by sessions.</summary>
    public DateTimeOffset Origin { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>True: late rows are dropped and counted <c>late</c>. False (default): they are emitted on the side output.</summary>
    public bool DropLate { get; init; }

    /// <summary>Maximum number of held rows, 1 to 2^22; default 8192. If there are more, rows are dropped as <c>window-full</c>, but their
    /// time counts.</summary>
    public int MaxHeldRows { get; init; } = 8192;

    /// <summary>Maximum number of windows per call, 1 to 4096; default 64. Longer batches need several calls.</summary>
    public int MaxOutputsPerCall { get; init; } = 64;

    /// <inheritdoc />
    public override string ToString() =>
        $"delay {Delay}, lateness {Lateness}, idle {Idle}, future {MaxFuture}, clock {Clock}, up to {MaxHeldRows} rows";

    internal static TimeSpan Longest { get; } = TimeSpan.FromDays(365);

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
