namespace StreamLearn.Formats;

/// <content>Adds sources of lines as they are measured, from a program or a serial port.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Reads CSV lines as they arrive, for as long as the run lasts.</summary>
    /// <remarks> Shape: the available rows of the columns, at most <c>BatchRows</c>. Units: those declared. State: 512 KiB and the rows of
    /// a batch; restarts from scratch. Cost: that of <see cref="FromCsv"/>. Emits: a batch when full, or after <c>Gather</c>. A closed
    /// origin is reopened after a quarter of a second, doubling up to 30 s (see <see cref="LineOptions.EndsWithProgram"/>); lines before a
    /// header are skipped. A row ends with its line, also within quotes. A fast origin must wait, because at most 256 KiB are read ahead.
    /// Drops: rows by <see cref="FileFault"/> in kebab case; <c>cut-off</c>, a line without an end. Counts: <c>openings-ended</c>. Live
    /// (<see cref="IBlockOptions.IsLive"/>). Source: RFC 4180. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="origin">A program or serial port.</param>
    /// <param name="csv">Columns and format; other file settings are ignored.</param>
    /// <param name="options">Batching of lines; null: defaults.</param>
    /// <exception cref="ArgumentException">There are no columns, or a setting is out of range.</exception>
    public static Flow<Batch> FromLines(this PipelineBuilder builder, LineOrigin origin, CsvOptions csv, LineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(csv);
        var lines = (options ?? new()).Checked();
        var (form, columns) = (csv.Checked() with { MaxRowBytes = lines.MaxLineBytes }, CsvFormat.ColumnsOf(csv));
        _ = Reader();
        return Lines(builder, origin, lines, "csv", CsvFormat.SchemaOf(columns), form, _ => Reader());

        CsvRecords Reader() => new(form, columns, 0, isOneLine: true);
    }

    /// <summary>Reads JSON lines of one or more rows as they arrive, for as long as the run lasts.</summary>
    /// <remarks>Works as for CSV lines, but allocates a batch handle per line. Source: RFC 8259; jsonlines.org.</remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="origin">A program or serial port.</param>
    /// <param name="format">The line format.</param>
    /// <param name="options">Batching of lines; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> FromLines(this PipelineBuilder builder, LineOrigin origin, JsonFormat format, LineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(format);
        var lines = (options ?? new()).Checked();
        return Lines(builder, origin, lines, format.Name, format.Schema, csv: null,
            context => new JsonLineRows(format, lines.MaxLineBytes, context.Pool));
    }

    private static Flow<Batch> Lines(PipelineBuilder builder, LineOrigin origin, LineOptions options, string format, Schema schema,
        CsvOptions? csv, Func<OperatorContext, RecordReader> reader)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(origin);
        return builder.From("lines", new LineBlock(origin, options.EndsWithProgram ? $"{format}, to its end" : format),
            (LineBlock _, OperatorContext context) => new LineSource(origin, options, schema, reader(context), csv, context),
            schema, options.BatchRows);
    }
}
