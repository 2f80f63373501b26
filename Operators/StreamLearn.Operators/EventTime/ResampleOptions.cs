namespace StreamLearn.Operators;

/// <summary>How a value between two rows is found.</summary>
public enum Interpolation
{
    /// <summary>On the straight line between the two.</summary>
    Linear = 0,

    /// <summary>The value of the row before: sample and hold.</summary>
    Previous = 1,

    /// <summary>The value of the nearer row; the one before where both are as near.</summary>
    Nearest = 2,
}

/// <summary>Settings of <c>Resample</c>.</summary>
public sealed record ResampleOptions
{
    /// <summary>The int32 column that numbers the segments: <c>segment</c>.</summary>
    public const string SegmentColumn = "segment";

    /// <summary>How values between two rows are found; default linear. Whole numbers are never blended: linear, they are those of the row
    /// before.</summary>
    public Interpolation Interpolation { get; init; }

    /// <summary>Two rows further apart than this are not bridged: no rows are made between them, and a new segment begins. More than zero,
    /// at most 365 days; default null, five periods of the input, the period being the median of 15 steps. Of the first step nothing is
    /// known: up to a minute it is bridged, so say a gap for a sensor that is slower.</summary>
    public TimeSpan? MaxGap { get; init; }

    /// <summary>How far ahead of <see cref="Clock"/> a row may be; what is further ahead is dropped as <c>future</c>,
    /// and ends no segment. 0 or more; default 2 s.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The source's own clock; default <see cref="EventClock.Live"/>.</summary>
    public EventClock Clock { get; init; } = EventClock.Live;

    /// <inheritdoc />
    public override string ToString() =>
        $"{Interpolation.ToString().ToLowerInvariant()}, gaps over {(MaxGap is { } gap ? $"{gap}" : "5 input periods")}";

    /// <summary>Throws if a setting is out of range.</summary>
    internal ResampleOptions Checked()
    {
        if (!Enum.IsDefined(Interpolation))
        {
            throw new ArgumentOutOfRangeException("options", Interpolation, "expected an interpolation of the list");
        }

        if (MaxGap is { } gap && (gap <= TimeSpan.Zero || gap > EventTimeOptions.Longest))
        {
            throw new ArgumentOutOfRangeException("options", gap, "expected a MaxGap of more than zero, at most 365 days");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFuture, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(Clock);
        Clock.Check("options");

        return this;
    }
}

/// <summary>The period of the grid in nanoseconds, and the settings.</summary>
internal sealed record ResampleBlock(decimal Period, ResampleOptions Options) : IBlockOptions
{
    /// <summary>Rows of a batch that comes out, at most.</summary>
    internal const int MaxBatchRows = 1024;

    public string State => "the last row, the rest of a long batch";

    public long StateBytes(Schema? input) => input is null ? 0 : (2L * input.RowBytes) + (24L * MaxBatchRows);

    public Schema Output(Schema input)
    {
        input.Require(Schema.TimeColumn, ColumnType.Int64);
        if (input.IndexOf(ResampleOptions.SegmentColumn) < 0)
        {
            return input.With(new Field(ResampleOptions.SegmentColumn, ColumnType.Int32, Unit.One));
        }

        input.Require(ResampleOptions.SegmentColumn, ColumnType.Int32);
        return input;
    }

    public int? MaxRows(int? input) => MaxBatchRows;

    public override string ToString() => FormattableString.Invariant($"a row each {Period / 1_000_000m:0.######} ms, {Options}");
}
