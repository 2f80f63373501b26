namespace StreamLearn.Arrow;

/// <summary>Arrow files as sources and sinks of a pipeline.</summary>
public static class ArrowExtensions
{
    private const int MaxName = 100;

    /// <summary>Reads the rows of an Arrow file or stream as fast as the pipeline accepts them.</summary>
    /// <remarks> Shape: up to <c>BatchRows</c> rows of the file's columns. Types and units: those of <see cref="ArrowColumns"/>. State: the
    /// file position, so a run resumes from a checkpoint. Cost: two copies; allocates only the batch's handle. Throws while running:
    /// <see cref="ArrowFormatException"/> if the file is damaged, or after its last whole batch if it was cut before its footer. Source:
    /// Apache Arrow, IPC format 1.5. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Columns and limits; null: defaults.</param>
    /// <exception cref="ArrowFormatException">The file cannot be read or is not Arrow.</exception>
    /// <exception cref="SchemaException">A batch cannot hold a column.</exception>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> FromArrow(this PipelineBuilder builder, string path, ArrowRowsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = (options ?? new()).Checked();
        BatchPlan plan;
        using (var rows = new ArrowBatches(path, options.Limits, FileShare.Read))
        {
            try
            {
                plan = new(rows.Columns, options.Batches);
            }
            catch (SchemaException e)
            {
                throw new SchemaException($"{path}: {e.Message}");
            }
        }

        var (schema, settings) = (plan.Schema, FormattableString.Invariant($"{plan.Schema}; batches of {options.BatchRows} rows"));
        return builder.From(Name("arrow", path), new ArrowSourceBlock(path, settings, plan.LeftOut),
            (ArrowSourceBlock _, OperatorContext context) => new ArrowSource(path, schema, options, context), schema, options.BatchRows);
    }

    /// <summary>Writes batches to an Arrow file.</summary>
    /// <remarks> Shape: one record batch per batch. Units: column metadata <c>unit</c>; the event time is <c>timestamp[ns, UTC]</c>. State:
    /// the file length, flushed by a checkpoint; a resumed run truncates the file to it, so each row is stored once. The end mark or footer
    /// is written when the flow ends; before that, and after a kill, the file can be read from its start. Cost: one copy; no allocation.
    /// Emits: nothing. Drops: <c>schema</c> (columns differ from the first batch). Throws: file system errors. Without a batch, no file is
    /// created and an existing one is deleted. Source: Apache Arrow, IPC format 1.5. </remarks>
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
