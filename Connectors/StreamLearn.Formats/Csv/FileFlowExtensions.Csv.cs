namespace StreamLearn.Formats;

/// <summary>Adds file sources and sinks, and the machine as a source.</summary>
public static partial class FileFlowExtensions
{
    /// <summary>Reads the rows of CSV files, one file after the other, as fast as the pipeline accepts them.</summary>
    /// <remarks> Shape: up to <c>BatchRows</c> rows of the declared or detected columns; a batch never spans files. Units: declared or in
    /// the header. State: the position in the files, so a run resumes from a checkpoint at the exact row; 128 KiB and the rows of a batch.
    /// Cost: about ten nanoseconds per number; allocates only the batch's handle. Emits: a batch when full, at a file's end, and while
    /// following when no more is available. Drops: refused rows, by <see cref="FileFault"/> in kebab case. Throws:
    /// <see cref="FileRowsException"/> while running, with file, line and column. Source: RFC 4180; RFC 1952 (gzip). </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="pattern">The files (<see cref="FileSet"/>), plain or gzip.</param>
    /// <param name="options">Columns and format; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or columns conflict.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    /// <exception cref="FileRowsException">No columns are given or can be detected in the first file.</exception>
    public static Flow<Batch> FromCsv(this PipelineBuilder builder, string pattern, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var plan = Plan(pattern, options ?? new(), keepsRefused: false, out var text);
        return RowSources.Add(builder, "csv", plan, text);
    }

    /// <summary>Reads rows like <see cref="FromCsv"/>, but emits unreadable rows separately with the reason.</summary>
    /// <remarks>The side output contains unreadable rows and notices of truncated or replaced files, in order with the batches.</remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="pattern">The files (<see cref="FileSet"/>), plain or gzip.</param>
    /// <param name="options">Columns and format; null: defaults. <c>SkipBadRows</c> is ignored.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or columns conflict.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    /// <exception cref="FileRowsException">No columns are given or can be detected in the first file.</exception>
    public static Fork<Batch, RefusedRow> FromCsvWithRefused(this PipelineBuilder builder, string pattern, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var plan = Plan(pattern, (options ?? new()) with { SkipBadRows = true }, keepsRefused: true, out var text);
        return RowSources.AddWithRefused(builder, "csv", plan, text);
    }

    private static RowsPlan Plan(string pattern, CsvOptions options, bool keepsRefused, out string text)
    {
        var files = FileSet.Find(pattern);
        options.Checked();
        var columns = options.Columns.Count > 0 ? options.Columns : CsvSurvey.Columns(pattern, options);
        text = options.Text(columns);
        return new(files, options, columns, (asked, first) => new CsvRecords(options, asked, first)) { KeepsRefused = keepsRefused };
    }
}
