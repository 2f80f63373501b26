namespace StreamLearn.Operators;

/// <summary>Settings of <c>Standardize</c>.</summary>
public sealed record StandardizeOptions : IBlockOptions
{
    /// <summary>Rows learned from before the first batch is let through. Rows, ≥ 2; default 256.</summary>
    public int WarmUpRows { get; init; } = 256;

    /// <inheritdoc />
    public string? State => "count, mean, variance and farthest value per channel";

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
    /// State: count, mean, variance and farthest value per channel. Cost: O(rows × channels), no allocation when the batch is unshared.
    /// Emits: at most one batch per batch, scaled by what was known before it. Drops: <c>warm-up</c>, <c>empty</c>, <c>schema</c>.
    /// Missing and non-finite values are not learned from. A glitch, a value farther from the mean than 16 deviations and than four times
    /// the farthest before it, is learned from as if it lay there: one changes the scale little; more than eight in a row are a new level.
    /// The first 32 values are judged together. It is scaled and sent on as it is; after the warm-up one a million times farther than that,
    /// of which nothing finite would be left, is sent on as if it lay there. Counts <c>clipped-values</c>. Source: Chan, Golub, LeVeque
    /// (1979), updating formula; Huber (1964), winsorizing.
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
    private GlitchBound[] _bounds = [];
    private Schema? _input;
    private Schema? _output;
    private long _rows;

    public override void Process(Batch batch)
    {
        if (_input is null && batch.Channels.Count > 0)
        {
            (_input, _output) = (batch.Schema, options.Output(batch.Schema));
            _bounds = [.. Enumerable.Range(0, batch.Channels.Count).Select(static _ => new GlitchBound(GlitchBound.LeastFirstValues))];
        }

        if (!batch.Schema.Equals(_input) || batch.Rows == 0)
        {
            context.Drop(batch, batch.Rows == 0 ? "empty" : "schema");
            return;
        }

        var warm = _rows >= options.WarmUpRows;                 // scaled by what was known before this batch: no peeking
        _rows += batch.Rows;
        var target = warm ? batch.ToWritable() : batch;
        for (var c = 0; c < _bounds.Length; c++)
        {
            var known = new Moments(_bounds[c].Count, _bounds[c].Mean, _bounds[c].M2);
            Learn(_bounds[c], target.Channels[c], cuts: warm);
            if (warm) { known.Scale(target.Channels[c]); }
        }

        if (warm) { output.Emit(target.Relabel(_output!)); }
        else { context.Drop(target, "warm-up"); }
    }

    /// <summary>Learns from the values of a channel in float64, in row order; missing ones are skipped, glitches count cut back.</summary>
    /// <param name="bound">What is known of the channel.</param>
    /// <param name="column">Its values.</param>
    /// <param name="cuts">True: absurd ones are cut back in the column, too, so that what is scaled stays finite.</param>
    private void Learn(GlitchBound bound, Column column, bool cuts)
    {
        var (complete, clipped) = (!column.Field.Nullable, 0);
        var values = column.Values<float>();
        for (var row = 0; row < values.Length; row++)
        {
            if (complete && (row += bound.TakeUsual(values[row..])) == values.Length) { break; }
            if (!float.IsFinite(values[row]) || !(complete || column.IsValid(row))) { continue; }
            var wasJudged = bound.FirstGlitches >= 0;
            if (bound.Take(values[row]) != values[row]) { clipped++; }
            if (cuts) { values[row] = bound.Kept; }
            if (!wasJudged && bound.FirstGlitches > 0) { clipped += bound.FirstGlitches; }
        }

        if (clipped > 0) { context.Record("clipped-values", clipped); }
    }
}
