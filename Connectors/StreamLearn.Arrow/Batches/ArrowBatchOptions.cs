namespace StreamLearn.Arrow;

/// <summary>Options for converting Arrow columns to pipeline columns.</summary>
public sealed record ArrowBatchOptions
{
    /// <summary>The event time column, a timestamp; null (default): the one named <c>time</c>, or the only timestamp.</summary>
    public string? Time { get; init; }

    /// <summary>The columns to read, in this order; empty (default): all.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>True (default): columns that a batch cannot hold, such as strings, are skipped; false: they are refused. Such a column in
    /// <see cref="Columns"/> is always refused.</summary>
    public bool LeavesOut { get; init; } = true;

    /// <summary>True: converts float64 to float32 channels, except <c>target</c>; default false.</summary>
    public bool Narrows { get; init; }
}
