namespace StreamLearn.Operators;

/// <summary>Settings of <c>Standardize</c>.</summary>
public sealed record StandardizeOptions : IBlockOptions
{
    private const long ChannelBytes = 1024;

    /// <summary>Rows that are learned before the first batch passes, at least 2; default 256.</summary>
    public int WarmUpRows { get; init; } = 256;

    /// <inheritdoc />
    public string? State => "count, mean, variance, farthest value and far level per channel";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => ChannelBytes * (input?.Fields.Count(static f => f.Type == ColumnType.Float32) ?? 0);

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
public static partial class OperatorFlowExtensions
{
    /// <summary>Scales float32 columns to zero mean and unit variance, learned from the stream.</summary>
    /// <remarks> Shape: rows × channels in, the same out, in place. Units: input units in, standard deviations out. State: count, mean,
    /// variance, farthest value and far level per channel. Cost: O(rows × channels); no allocation if the batch is unshared. Emits: at most
    /// one batch per batch, scaled by the moments of all earlier rows. Drops: <c>warm-up</c>, <c>empty</c>, <c>schema</c>. Order: a
    /// channel's first 32 values singly; then blocks of 256 rows, row k in lane k mod 8, lanes added as ((0+1)+(2+3))+((4+5)+(6+7)) and
    /// merged once per block. Batch boundaries do not affect the moments. Missing and non-finite values are not learned. A glitch, beyond
    /// 16 deviations from the mean and four times the farthest earlier value, is learned as if at that bound. More than eight in a row are
    /// a new level, as is a recurring level at its third visit, with one at least every 128 values. More than four of the first 32 values
    /// are no glitches. Glitches are emitted scaled; after the warm-up, one a million times beyond the bound is emitted at the bound,
    /// learned as the mean, and is no level. A channel with fewer than 32 known values, or than <c>WarmUpRows</c>, is 0. 1e-8 is added to
    /// the variance: choose units with deviations well above 1e-4. Counts <c>clipped-values</c>, <c>unknown-values</c>. Source: Chan,
    /// Golub, LeVeque (1979); Huber (1964), winsorizing. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="options">Warm-up; null: the default.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; never thrown while running.</exception>
    public static Flow<Batch> Standardize(this Flow<Batch> flow, StandardizeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WarmUpRows, 2);
        return flow.Via("standardize", options,
            static (StandardizeOptions options, OperatorContext context, IOutput<Batch> output) =>
                new Standardize(options, context, output));
    }
}

internal sealed class Standardize(StandardizeOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private readonly List<(int Row, float Kept)> _cuts = [];
    private BlockMoments[] _channels = [];
    private Schema? _input;
    private Schema? _output;
    private long _rows;

    public string StateFormat => "standardize/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _rows);
        if (s.Value(_input) is not { } input) { return; }
        if (s.IsReading) { Begin(input); }
        foreach (var channel in _channels) { channel.State(ref s); }
    }

    public override void Process(Batch batch)
    {
        if (_input is null && batch.Channels.Count > 0) { Begin(batch.Schema); }

        if (!batch.Schema.Equals(_input) || batch.Rows == 0)
        {
            context.Drop(batch, batch.Rows == 0 ? "empty" : "schema");
            return;
        }

        var warm = _rows >= options.WarmUpRows;                 // uses only earlier batches, to avoid leakage
        _rows += batch.Rows;
        var target = warm && batch.IsShared ? context.Pool.Rent(_output!, batch.Rows) : batch;
        var clipped = 0;
        for (var c = 0; c < _channels.Length; c++)
        {
            var known = _channels[c].Known;
            clipped += _channels[c].Learn(batch.Channels[c], warm ? _cuts : null);
            if (warm) { Scale(known, batch.Channels[c], target.Channels[c]); }
        }

        if (clipped > 0) { context.Record("clipped-values", clipped); }
        if (!warm)
        {
            context.Drop(batch, "warm-up");
            return;
        }

        if (target != batch) { Finish(batch, target); }
        output.Emit(target.Relabel(_output!));
    }

    private void Begin(Schema input)
    {
        (_input, _output) = (input, options.Output(input));
        _channels = [.. input.Fields.Where(static f => f.Type == ColumnType.Float32).Select(static _ => new BlockMoments())];
    }

    private void Scale(in Moments known, Column from, Column to)
    {
        var scaled = to.Writable<float>();
        if (known.Count < Math.Min(options.WarmUpRows, GlitchBound.MinFirstValues))
        {
            // such as a sensor that has just started; NaN stays
            var values = from.Values<float>();
            for (var row = 0; row < values.Length; row++) { scaled[row] = float.IsFinite(values[row]) ? 0 : float.NaN; }
            _cuts.Clear();
            context.Record("unknown-values", scaled.Length);
            return;
        }

        known.Scale(from.Values<float>(), scaled);
        foreach (var (row, kept) in _cuts) { scaled[row] = known.Scale(kept); }
        _cuts.Clear();
    }

    /// <summary>Copies unscaled columns, then releases the shared batch.</summary>
    private static void Finish(Batch shared, Batch target)
    {
        for (var c = 0; c < shared.Columns.Count; c++)
        {
            var (from, to) = (shared.Columns[c], target.Columns[c]);
            if (from.Field.Type != ColumnType.Float32) { to.CopyFrom(0, from, 0, shared.Rows); }
            else if (from.Field.Nullable) { from.Validity.CopyTo(to.WritableValidity); }
        }

        shared.Dispose();
    }
}
