namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromJsonLines</c>, and those that all row sources have.</summary>
public record RowFileOptions
{
    private const long MaxStageBytes = 64L << 20;

    /// <summary>The columns in batch order, found by name in the file; others are skipped. Empty (default), only for CSV: all columns,
    /// detected from the first rows of the first file (<see cref="CsvSurvey"/>).</summary>
    public IReadOnlyList<FileColumn> Columns { get; init; } = [];

    /// <summary>Rows per batch, 1 to 65,536; default 1,024. A file's last batch can be shorter: batches never span files.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>True: skips unreadable rows and counts them by reason. False (default): the first one fails the run with a
    /// <see cref="FileRowsException"/>.</summary>
    public bool SkipBadRows { get; init; }

    private protected string BadRows => SkipBadRows ? "Skip" : "Stop";

    /// <summary>Maximum size of a row with its line end in bytes, 64 to 2^30; default 1 MiB.</summary>
    public int MaxRowBytes { get; init; } = 1 << 20;

    /// <summary>Rows per second, above 0, if no column is a time; adds a first column <c>time</c> from <see cref="Start"/> over all files.
    /// Null (default): none.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The event time of the first row with <see cref="SamplesPerSecond"/>; default 1970-01-01T00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The name of a last column, int32, with the index of the file; null (default): none. Named parts of the pattern become
    /// columns.</summary>
    public string? FileColumn { get; init; }

    /// <summary>For one growing file: the polling interval at its end, at least 1 ms; the flow stays open until the run is drained. Null
    /// (default): the flow ends with the last file.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>The encoding; null: UTF-8, or detected from the first bytes.</summary>
    internal virtual Encoding? TextEncoding => null;

    internal string LineText() => FormattableString.Invariant($"{string.Join("; ", Columns)}; batches of {BatchRows} rows, {BadRows}")
        + FormattableString.Invariant($"{(SamplesPerSecond is null ? "" : $", {SamplesPerSecond} rows/s from {Start:O}")}")
        + (Follow is null ? "" : $", followed every {Follow}");

    internal void Check(Schema schema)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRowBytes, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRowBytes, 1 << 30);
        if (SamplesPerSecond is { } rate && !(double.IsFinite(rate) && rate > 0))
        {
            throw new ArgumentException($"expected a sample rate above 0, got {rate}");
        }

        if (Follow is { } wait && wait < TimeSpan.FromMilliseconds(1))
        {
            throw new ArgumentException($"expected at least a millisecond between polls of a file, got {wait}");
        }

        if ((long)schema.RowBytes * BatchRows <= MaxStageBytes) { return; }
        throw new ArgumentException($"expected batches of at most {MaxStageBytes} bytes, got {BatchRows} rows of {schema.RowBytes}");
    }
}
