using System.Text;

namespace StreamLearn.Formats;

/// <summary>What sources of rows have in common.</summary>
public abstract record RowFileOptions
{
    private const long MaxStageBytes = 64L << 20;

    private protected RowFileOptions() { }

    /// <summary>The columns, in the order of batches, found by their names in the file; others are passed over. Empty, the default: all,
    /// with what the first rows of the first file say of them (<see cref="CsvSurvey"/>).</summary>
    public IReadOnlyList<FileColumn> Columns { get; init; } = [];

    /// <summary>Rows of a batch, 1 to 65,536; default 1,024. The last one of a file may be shorter: a batch never spans two.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>What becomes of rows that cannot be read; default: the first one fails the run.</summary>
    public BadRows BadRows { get; init; }

    /// <summary>Bytes of a row, with its line end, at most; 64 to 2^30, default 1 MiB.</summary>
    public int MaxRowBytes { get; init; } = 1 << 20;

    /// <summary>Rows a second, where no column is a time: the first column is then <c>time</c>, counted from <see cref="Start"/> over all
    /// files. More than 0; null, the default: no such column.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Event time of the first row beside <see cref="SamplesPerSecond"/>; default 1970-01-01T00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The name of a last column, int32, with the place of the row's file among those read; null, the default: none. Parts of the
    /// name become columns where the pattern names them.</summary>
    public string? FileColumn { get; init; }

    /// <summary>For one file that grows: how long to wait at its end before looking again, at least 1 ms. The source then stays open until
    /// the run is drained. Null, the default: it ends with the last file.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>How texts are encoded, where the form of the file leaves it open; null: UTF-8, or what the first bytes say.</summary>
    internal virtual Encoding? TextEncoding => null;

    internal void Check(Schema schema)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRowBytes, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRowBytes, 1 << 30);
        if (SamplesPerSecond is { } rate && !(double.IsFinite(rate) && rate > 0))
        {
            throw new ArgumentException($"expected samples a second of more than 0, got {rate}");
        }

        if (Follow is { } wait && wait < TimeSpan.FromMilliseconds(1))
        {
            throw new ArgumentException($"expected at least a millisecond between looks at a file, got {wait}");
        }

        if ((long)schema.RowBytes * BatchRows <= MaxStageBytes) { return; }
        throw new ArgumentException($"expected batches of at most {MaxStageBytes} bytes, got {BatchRows} rows of {schema.RowBytes}");
    }
}
