namespace StreamLearn.Formats;

/// <summary>Sources and sinks of files, and the machine as a source.</summary>
public static partial class FileFlowExtensions
{
    /// <summary>Plays the rows of files of comma-separated values, one file after the other, as fast as the pipeline takes them.</summary>
    /// <remarks>
    /// Shape: up to <c>BatchRows</c> rows of the columns declared or found; a batch never spans two files. Units: those declared or in the
    /// header. State: the place in the files, so that a run goes on from a checkpoint at the exact row; 128 KiB and the rows of a batch.
    /// Cost: some ten nanoseconds a number; no allocation but the batch's handle. Emits: a batch when it is full, at the end of a file, and
    /// while following when nothing more is there. Drops: rows refused, under <see cref="FileFault"/> in lower-case words with hyphens.
    /// Throws: <see cref="FileRowsException"/> in the run, with file, line and column. Source: RFC 4180; RFC 1952 (gzip).
    /// </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="pattern">A file, or several (<see cref="FileSet"/>), plain or compressed by gzip.</param>
    /// <param name="options">Columns and form; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or columns do not go together.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    /// <exception cref="FileRowsException">No columns are given, and the first file does not say what they are.</exception>
    public static Flow<Batch> FromCsv(this PipelineBuilder builder, string pattern, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var plan = Plan(pattern, options ?? new(), keepsRefused: false, out var text);
        return RowSources.Add(builder, "csv", plan, text);
    }

    /// <summary>Plays rows like <see cref="FromCsv"/>, leaves out those that cannot be read, and hands them out with the reason.</summary>
    /// <remarks>As <see cref="FromCsv"/>; the side output has rows refused and notices of files that were truncated or replaced, in their
    /// order among the batches.</remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="pattern">A file, or several (<see cref="FileSet"/>), plain or compressed by gzip.</param>
    /// <param name="options">Columns and form; null for the defaults. Its <c>BadRows</c> is not looked at.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or columns do not go together.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    /// <exception cref="FileRowsException">No columns are given, and the first file does not say what they are.</exception>
    public static Fork<Batch, RefusedRow> FromCsvWithRefused(this PipelineBuilder builder, string pattern, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var plan = Plan(pattern, (options ?? new()) with { BadRows = BadRows.Skip }, keepsRefused: true, out var text);
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
