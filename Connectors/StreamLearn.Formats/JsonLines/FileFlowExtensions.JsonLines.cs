namespace StreamLearn.Formats;

/// <content>Adds sources of JSON lines.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Reads the rows of files with one JSON object per line, one file after the other, as fast as the pipeline accepts
    /// them.</summary>
    /// <remarks> Shape: up to <c>BatchRows</c> rows of the columns; a batch never spans files. Columns are keys of the object; other keys
    /// are skipped, and absent or null values are missing. Units: those declared. State, Cost, Emits, Drops, Throws: as with
    /// <see cref="FromCsv"/>. Source: RFC 8259; jsonlines.org. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="pattern">The files (<see cref="FileSet"/>), plain or gzip.</param>
    /// <param name="options">Columns and settings.</param>
    /// <exception cref="ArgumentException">There are no columns, or a setting is out of range.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    public static Flow<Batch> FromJsonLines(this PipelineBuilder builder, string pattern, RowFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return RowSources.Add(builder, "json-lines", Plan(pattern, options, keepsRefused: false), options.LineText());
    }

    /// <summary>Reads rows like <see cref="FromJsonLines"/>, but emits unreadable rows separately with the reason.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="pattern">The files (<see cref="FileSet"/>), plain or gzip.</param>
    /// <param name="options">Columns and settings. <c>SkipBadRows</c> is ignored.</param>
    /// <exception cref="ArgumentException">There are no columns, or a setting is out of range.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    public static Fork<Batch, RefusedRow> FromJsonLinesWithRefused(this PipelineBuilder builder, string pattern, RowFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        options = options with { SkipBadRows = true };
        return RowSources.AddWithRefused(builder, "json-lines", Plan(pattern, options, keepsRefused: true), options.LineText());
    }

    private static RowsPlan Plan(string pattern, RowFileOptions options, bool keepsRefused)
    {
        if (options.Columns.Count == 0) { throw new ArgumentException("expected the columns of JSON lines, got none", nameof(options)); }
        return new(FileSet.Find(pattern), options, options.Columns, (columns, first) => new JsonLineRecords(options, columns, first))
        {
            KeepsRefused = keepsRefused,
        };
    }
}
