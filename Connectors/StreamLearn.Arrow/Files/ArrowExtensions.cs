namespace StreamLearn.Arrow;

/// <summary>Arrow files as sources and sinks of a pipeline.</summary>
public static partial class ArrowExtensions
{
    private const int MaxName = 100;

    /// <summary>Reads the rows of an Arrow file or stream as fast as the pipeline accepts them.</summary>
    /// <remarks> Shape: up to <c>batchRows</c> rows of the file's columns. Types and units: as by <see cref="ToSchema"/>. State: the file
    /// position, so a run resumes from a checkpoint. Cost: two copies; allocates only the batch's handle. Throws while running:
    /// <see cref="ArrowFormatException"/> if the file is damaged, or after its last complete batch if it was truncated before its footer.
    /// Source: Apache Arrow, IPC format 1.5. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Selection and conversion; null: all columns, unchanged.</param>
    /// <param name="batchRows">Maximum number of rows in a batch, which never spans two batches of the file.</param>
    /// <param name="limits">Size limits; null: <see cref="ArrowLimits.Default"/> with messages of 256 MiB and any compression
    /// ratio.</param>
    /// <exception cref="ArrowFormatException">The file cannot be read or is not Arrow.</exception>
    /// <exception cref="SchemaException">A batch cannot hold a column.</exception>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> FromArrow(this PipelineBuilder builder, string path, ArrowBatchOptions? options = null, int batchRows = 1024,
        ArrowLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var settings = new ArrowRowsOptions { BatchRows = batchRows, Batches = options ?? new() };
        settings = (limits is null ? settings : settings with { Limits = limits }).Checked();
        BatchPlan plan;
        using (var rows = new ArrowBatches(path, settings.Limits, FileShare.Read))
        {
            try { plan = new(rows.Columns, settings.Batches); }
            catch (SchemaException e) { throw new SchemaException($"{path}: {e.Message}"); }
        }

        var (schema, text) = (plan.Schema, FormattableString.Invariant($"{plan.Schema}; batches of {batchRows} rows"));
        return builder.From(Name("arrow", path), new ArrowSourceBlock(path, text, plan.LeftOut),
            (ArrowSourceBlock _, OperatorContext context) => new ArrowSource(path, schema, settings, context), schema, batchRows);
    }

    /// <summary>Writes batches to an Arrow file.</summary>
    /// <remarks> Shape: one record batch per batch. Units: column metadata <c>unit</c>; the event time is <c>timestamp[ns, UTC]</c>. State:
    /// the file length, flushed by a checkpoint; a resumed run truncates the file to that length, so each row is stored once. The end mark
    /// or footer is written when the flow ends; before that, and after a kill, the file can be read from its start. Cost: one copy; no
    /// allocation. Emits: nothing. Drops: <c>schema</c> (columns differ from the first batch). Throws: file system errors. Without a batch,
    /// no file is created and an existing one is deleted. Source: Apache Arrow, IPC format 1.5. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="form">The form; null (default): a stream for <c>.arrows</c>, otherwise a file with a footer.</param>
    public static Sink ToArrow(this Flow<Batch> flow, string path, ArrowForm? form = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var written = form ?? (path.EndsWith(".arrows", StringComparison.OrdinalIgnoreCase) ? ArrowForm.Stream : ArrowForm.File);
        return flow.To(Name("to-arrow", path), new ArrowSinkBlock(path, written),
            (ArrowSinkBlock _, OperatorContext context) => new ArrowSink(path, written, context));
    }

    private static string Name(string what, string path) => path.Length > MaxName ? $"{what} …{path[^MaxName..]}" : $"{what} {path}";
}
