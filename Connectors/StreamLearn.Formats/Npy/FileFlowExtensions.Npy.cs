namespace StreamLearn.Formats;

/// <content>Sources and sinks of arrays of NumPy.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Plays the rows of an array of NumPy, as fast as the pipeline takes them.</summary>
    /// <remarks>
    /// Shape: up to <c>BatchRows</c> rows of the array's columns; of one dimension, one column. Types: <c>&lt;f4</c> float32,
    /// <c>&lt;f8</c> float64, <c>&lt;i8</c> and <c>&lt;u4</c> int64, <c>&lt;i4</c>, <c>&lt;i2</c>, <c>&lt;u2</c>, <c>|i1</c>, <c>|u1</c>
    /// and <c>|b1</c> int32; all others are refused by name, and so are big-endian values, columns one after the other
    /// (<c>fortran_order</c>) and more than two dimensions. Units: those given. State: the place in the file, so that a run goes on from a
    /// checkpoint; the bytes of a batch. Cost: a copy; no allocation but the batch's handle. Source: NEP 1; numpy.lib.format.
    /// </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Names and units; null for the defaults.</param>
    /// <exception cref="NpyFormatException">The file cannot be read, is cut short, or of a form that is not read.</exception>
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

    /// <summary>Writes columns of one type as an array of NumPy.</summary>
    /// <remarks>
    /// Shape: rows × columns, or rows where there is one column. The first 128 bytes say how many rows there are, and are written anew
    /// with each batch: the file is whole at any time. State, Emits, Throws: as <see cref="ToCsv"/>. Cost: a copy; no
    /// allocation. Missing values become NaN. Drops: <c>schema</c> (a column is not there, is of another type, or the batch is not as the
    /// first), <c>missing</c> (a batch in which an integer is missing). Source: NEP 1, version 1.0.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="columns">The columns; none: all of float32.</param>
    public static Sink ToNpy(this Flow<Batch> flow, string path, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return flow.To("npy", path, string.Join(", ", columns), _ => new NpyRows(columns));
    }
}
