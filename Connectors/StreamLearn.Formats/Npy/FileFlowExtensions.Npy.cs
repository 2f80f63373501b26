namespace StreamLearn.Formats;

/// <content>Adds sources and sinks of NumPy arrays.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Reads the rows of a NumPy array as fast as the pipeline accepts them.</summary>
    /// <remarks> Shape: up to <c>BatchRows</c> rows of the array's columns; one dimension is one column. Types: <c>&lt;f4</c> float32,
    /// <c>&lt;f8</c> float64, <c>&lt;i8</c> and <c>&lt;u4</c> int64, <c>&lt;i4</c>, <c>&lt;i2</c>, <c>&lt;u2</c>, <c>|i1</c>, <c>|u1</c>
    /// and <c>|b1</c> int32. Refuses other types, big-endian, <c>fortran_order</c> and more than two dimensions. Units: those given. State:
    /// the file position, so a run resumes from a checkpoint; the bytes of a batch. Cost: one copy; allocates only the batch's handle.
    /// Source: NEP 1; numpy.lib.format. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Names and units; null: defaults.</param>
    /// <exception cref="InvalidDataException">The file cannot be read, is truncated or is not supported.</exception>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> FromNpy(this PipelineBuilder builder, string path, NpyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        var head = NpySource.Head(path);
        var schema = options.Schema(head, path);
        var text = FormattableString.Invariant(
            $"{schema}; batches of {options.BatchRows} rows, {options.SamplesPerSecond} rows/s, {options.Start:O}");
        return builder.From(path.Length > 100 ? $"npy …{path[^100..]}" : $"npy {path}", new RowSourceBlock("npy", path, text),
            (RowSourceBlock _, OperatorContext context) => new NpySource(path, head, schema, options, context), schema, options.BatchRows);
    }

    /// <summary>Writes columns of one type as a NumPy array.</summary>
    /// <remarks> Shape: rows × columns, or rows for one column. The first 128 bytes contain the number of rows and are rewritten with each
    /// batch, so the file is always valid. State, Emits, Throws: as with <see cref="ToCsv"/>. Cost: one copy; no allocation. Missing values
    /// become NaN. Drops: <c>schema</c> (a column is absent or of another type, or the batch differs from the first), <c>missing</c> (a
    /// batch lacks an integer). Source: NEP 1, version 1.0. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="columns">The columns; empty: all float32 columns.</param>
    public static Sink ToNpy(this Flow<Batch> flow, string path, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return flow.To("npy", path, string.Join(", ", columns), _ => new NpyRows(columns));
    }
}
