namespace StreamLearn.Formats;

/// <content>Lines as they are measured: of a program, or of a serial port.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Reads lines of comma-separated values as they come, for as long as the run goes on.</summary>
    /// <remarks>
    /// Shape: rows of the columns, those that are there together, at most <c>BatchRows</c>. Units: those declared. State: 512 KiB and the
    /// rows of a batch; after a restart it begins anew. Cost: as <see cref="FromCsv"/>. Emits: a batch when it is full, or after
    /// <c>Gather</c>. An origin that ends is opened again after a quarter of a second, then after twice as long, up to 30 s (see <see
    /// cref="LineOptions.EndsWithProgram"/>); with a header, lines before it are left out. A fast origin waits: at most 256 KiB are read
    /// ahead. Drops: rows under <see cref="FileFault"/> in lower-case words with hyphens; <c>cut-off</c>, a line whose end never came.
    /// Counts: <c>openings-ended</c>. It is live (<see cref="IBlockOptions.IsLive"/>). Source: RFC 4180.
    /// </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="origin">A program, or a serial port.</param>
    /// <param name="csv">Columns and form; what is there of files alone is not looked at.</param>
    /// <param name="options">How lines become batches; null for the defaults.</param>
    /// <exception cref="ArgumentException">There are no columns, or a setting is out of range.</exception>
    public static Flow<Batch> FromLines(this PipelineBuilder builder, LineOrigin origin, CsvOptions csv, LineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(csv);
        var lines = (options ?? new()).Checked();
        var (form, columns) = (csv.Checked() with { MaxRowBytes = lines.MaxLineBytes }, CsvFormat.ColumnsOf(csv));
        return Lines(builder, origin, lines, "csv", CsvFormat.SchemaOf(columns), form.Header, _ => new CsvRecords(form, columns, 0));
    }

    /// <summary>Reads lines of JSON as they come, each of one row or several, for as long as the run goes on.</summary>
    /// <remarks>As the lines of comma-separated values; a batch's handle is allocated for each line. Source: RFC 8259;
    /// jsonlines.org.</remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="origin">A program, or a serial port.</param>
    /// <param name="format">Reads a line.</param>
    /// <param name="options">How lines become batches; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> FromLines(this PipelineBuilder builder, LineOrigin origin, JsonFormat format, LineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(format);
        var lines = (options ?? new()).Checked();
        return Lines(builder, origin, lines, format.Name, format.Schema, hasNames: false,
            context => new JsonLineRows(format, lines.MaxLineBytes, context.Pool));
    }

    private static Flow<Batch> Lines(PipelineBuilder builder, LineOrigin origin, LineOptions options, string format, Schema schema,
        bool hasNames, Func<OperatorContext, RecordReader> reader)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(origin);
        return builder.From("lines", new LineBlock(origin, options.EndsWithProgram ? $"{format}, to its end" : format),
            (LineBlock _, OperatorContext context) => new LineSource(origin, options, schema, reader(context), hasNames, context),
            schema, options.BatchRows);
    }
}
