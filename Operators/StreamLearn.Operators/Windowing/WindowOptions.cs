namespace StreamLearn.Operators;

/// <summary>Settings of <c>Window</c>.</summary>
public sealed record WindowOptions : IBlockOptions
{
    /// <summary>Rows per window, at least 1; set by the call.</summary>
    public int Samples { get; init; } = 128;

    /// <summary>Rows between window starts, at least 1; set by the call. Below <see cref="Samples"/>, windows overlap; above, rows between
    /// are dropped.</summary>
    public int Hop { get; init; } = 64;

    /// <summary>An int32 column; if its value changes, the open window is dropped and a new one starts, as at a new recording. Null
    /// (default): none.</summary>
    public string? Segment { get; init; }

    /// <summary>Maximum number of windows per call, at least 1; default 64. Longer batches need several calls.</summary>
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
