namespace StreamLearn.Operators;

/// <summary>How values between two rows are computed.</summary>
public enum Interpolation
{
    /// <summary>Linear interpolation.</summary>
    Linear = 0,

    /// <summary>The previous row's value: sample and hold.</summary>
    Previous = 1,

    /// <summary>The nearer row's value; the earlier one if both are equally near.</summary>
    Nearest = 2,
}

/// <summary>Settings of <c>Resample</c>.</summary>
public sealed record ResampleOptions
{
    /// <summary>Name of the int32 segment column: <c>segment</c>.</summary>
    public const string SegmentColumn = "segment";

    /// <summary>Interpolation of values; default linear. Whole numbers are never blended: with linear, they are those of the previous
    /// row.</summary>
    public Interpolation Interpolation { get; init; }

    /// <summary>Largest step over which values are interpolated; a longer step begins a new segment. Above zero, at most 365 days. Null
    /// (default): five times the median of 15 steps, and a minute for the first ones; set it for slower sensors.</summary>
    public TimeSpan? MaxGap { get; init; }

    /// <summary>How far a row may be ahead of <see cref="Clock"/>. Rows further ahead are dropped as <c>future</c> and end no segment. 0 or
    /// more; default 2 s.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The source's clock; default <see cref="EventClock.Live"/>.</summary>
    public EventClock Clock { get; init; } = EventClock.Live;

    /// <inheritdoc />
    public override string ToString() =>
        $"{Interpolation.ToString().ToLowerInvariant()}, gaps over {(MaxGap is { } gap ? $"{gap}" : "5 input periods")}";

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

internal sealed record ResampleBlock(decimal Period, ResampleOptions Options) : IBlockOptions
{
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
