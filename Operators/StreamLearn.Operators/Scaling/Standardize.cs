namespace StreamLearn.Operators;

/// <summary>Settings of <c>Standardize</c>.</summary>
public sealed record StandardizeOptions : IBlockOptions
{
    /// <summary>Rows learned from before the first batch is let through. Rows, ≥ 2; default 256.</summary>
    public int WarmUpRows { get; init; } = 256;

    /// <inheritdoc />
    public string? State => "count, mean and variance per channel";

    /// <inheritdoc />
    public int? MaxRows(int? input) => input;

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        if (input.Fields.All(f => f.Type != ColumnType.Float32))
        {
            throw new SchemaException($"expected at least one float32 channel, got {input}");
        }

        return new(input.Fields.Select(f => f.Type == ColumnType.Float32 ? f with { Unit = Unit.StandardDeviation } : f));
    }
}

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class PreprocessingFlowExtensions
{
    /// <summary>Scales every float32 column to zero mean and unit variance, learning both from the stream.</summary>
    /// <remarks>
    /// Shape: rows × channels in, the same out, in place. Units: input units in, standard deviations out.
    /// State: count, mean and variance per channel. Cost: O(rows × channels), no allocation when the batch is unshared.
    /// Emits: at most one batch per batch, scaled by what was known before it. Drops: <c>warm-up</c>, <c>empty</c>, <c>schema</c>.
    /// Missing and non-finite values are not learned from. Source: Chan, Golub, LeVeque (1979), updating formula.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="options">Warm-up; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    public static Flow<Batch> Standardize(this Flow<Batch> flow, StandardizeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WarmUpRows, 2, nameof(options));
        return flow.Via("standardize", options,
            static (StandardizeOptions options, OperatorContext context, IOutput<Batch> output) =>
                new Standardize(options, context, output));
    }
}

internal sealed class Standardize(StandardizeOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private Moments[] _moments = [];
    private Schema? _input;
    private Schema? _output;
    private long _rows;

    public override void Process(Batch batch)
    {
        if (_input is null && batch.Channels.Count > 0)
        {
            (_input, _output) = (batch.Schema, options.Output(batch.Schema));
            _moments = new Moments[batch.Channels.Count];
        }

        if (!batch.Schema.Equals(_input) || batch.Rows == 0)
        {
            context.Drop(batch, batch.Rows == 0 ? "empty" : "schema");
            return;
        }

        var warm = _rows >= options.WarmUpRows;                 // scaled by what was known before this batch: no peeking
        _rows += batch.Rows;
        var target = warm ? batch.ToWritable() : batch;
        for (var c = 0; c < _moments.Length; c++)
        {
            var known = _moments[c];
            _moments[c] = known.Add(target.Channels[c]);        // in float64, row order, missing values skipped
            if (warm) { known.Scale(target.Channels[c]); }
        }

        if (warm) { output.Emit(target.Relabel(_output!)); }
        else { context.Drop(target, "warm-up"); }
    }
}
