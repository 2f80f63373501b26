using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>Settings of <c>CheckQuality</c>.</summary>
public sealed record CheckQualityOptions : IBlockOptions
{
    /// <summary>The int32 column that numbers stretches between gaps, from 0, if <see cref="Gap"/> is set.</summary>
    public const string SegmentColumn = "segment";

    /// <summary>The side output's int32 column with each row's <see cref="RowFault"/>.</summary>
    public const string FaultColumn = Quarantine.FaultColumn;

    /// <summary>Event time after which a constant channel is stuck, until it changes. Above zero; infinite: no check; default 5
    /// s.</summary>
    public TimeSpan Stuck { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest change of a constant channel, in its unit. At least 0; default 0: equal values.</summary>
    public float StuckWithin { get; init; }

    /// <summary>Settings of single channels; default none.</summary>
    public ImmutableArray<ChannelCheck> Channels { get; init; } = [];

    /// <summary>Event time after the last good row after which a new <c>segment</c> begins. Above zero; null (default): there is no such
    /// column.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>True: rows may be in any order of time. False (default): a row that is not after the previous one is faulty,
    /// <c>backwards</c>.</summary>
    public bool AnyOrder { get; init; }

    /// <summary>How far a row may be ahead of <see cref="Clock"/>. 0 or more; default 2 s.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The source's clock; default <see cref="EventClock.Live"/>. For a replay: the recording's start and speed.</summary>
    public EventClock Clock { get; init; } = EventClock.Live;

    /// <summary>True: drops faulty rows and counts their reasons. False (default): they are emitted on the side output.</summary>
    public bool DropFaulty { get; init; }

    /// <inheritdoc />
    public int MaxOutputsPerCall => 2;

    /// <inheritdoc />
    public string State => "the newest time, and the status of each channel";

    /// <inheritdoc />
    public int? MaxRows(int? input) => input;

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Require(Schema.TimeColumn, ColumnType.Int64);
        foreach (var check in Channels) { input.Require(check.Channel, ColumnType.Float32); }
        Quarantine.Output(input);
        return Gap is null ? input : input.With(new Field(SegmentColumn, ColumnType.Int32, Unit.One));
    }

    /// <inheritdoc />
    public bool Equals(CheckQualityOptions? other) =>
        other is not null && Channels.AsSpan().SequenceEqual(other.Channels.AsSpan()) && Others.Equals(other.Others);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Others, Channels.Length);

    /// <inheritdoc />
    public override string ToString() =>
        $"stuck {Stuck}, gap {(Gap is { } gap ? gap : "any")}, future {MaxFuture}, clock {Clock}"
            + (Channels.Length == 0 ? "" : $", {string.Join(", ", Channels)}");

    private (TimeSpan, float, TimeSpan?, bool, TimeSpan, EventClock, bool) Others =>
        (Stuck, StuckWithin, Gap, AnyOrder, MaxFuture, Clock, DropFaulty);

    internal void Check()
    {
        const string Parameter = "options";
        ArgumentNullException.ThrowIfNull(Clock, Parameter);
        Clock.Check(Parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFuture, TimeSpan.Zero, Parameter);
        if (Gap is { } gap) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(gap, TimeSpan.Zero, Parameter); }
        CheckStuck(Stuck, StuckWithin, Parameter);
        if (Channels.IsDefault) { throw new ArgumentException("expected an array of channel checks, got an uninitialized one", Parameter); }
        foreach (var check in Channels)
        {
            CheckStuck(check.Stuck ?? Stuck, check.StuckWithin ?? StuckWithin, Parameter);
            if (!(check.Min <= check.Max))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"channel '{check.Channel}': expected a range, got {check.Min} to {check.Max}"), Parameter);
            }

            if (Channels.Count(c => c.Channel == check.Channel) > 1)
            {
                throw new ArgumentException($"channel '{check.Channel}' has two checks", Parameter);
            }
        }
    }

    private static void CheckStuck(TimeSpan time, float within, string parameter)
    {
        if (time != Timeout.InfiniteTimeSpan) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, parameter); }
        if (!(within >= 0)) { throw new ArgumentOutOfRangeException(parameter, within, "expected a distance of at least 0"); }
    }
}
