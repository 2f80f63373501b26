namespace StreamLearn.Operators;

/// <summary>Settings of <c>Window</c>.</summary>
public sealed record WindowOptions : IBlockOptions
{
    /// <summary>Rows of a window, at least 1; set by the call.</summary>
    public int Samples { get; init; } = 128;

    /// <summary>
    /// Rows from the start of one window to the start of the next, at least 1; set by the call. Less than <see cref="Samples"/>: windows
    /// overlap. More: rows between are dropped.
    /// </summary>
    public int Hop { get; init; } = 64;

    /// <summary>
    /// An int32 column: where its value changes, the open window is dropped and a new one starts, such as at a new recording; default
    /// null, none.
    /// </summary>
    public string? Segment { get; init; }

    /// <summary>
    /// Windows that one call emits at most, at least 1; default 64. A longer batch is read in several calls, and the next one waits.
    /// </summary>
    public int MaxOutputsPerCall { get; init; } = 64;

    /// <inheritdoc />
    public string? State => $"the open window, up to {Samples} rows";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => 2L * Samples * (input?.RowBytes ?? 0);

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        if (Segment is not null) { input.Require(Segment, ColumnType.Int32); }
        return input;
    }

    /// <inheritdoc />
    public int? MaxRows(int? input) => Samples;

    /// <inheritdoc />
    public override string ToString() => $"{Samples} samples, hop {Hop}{(Segment is null ? "" : $", restarts at '{Segment}'")}";
}
