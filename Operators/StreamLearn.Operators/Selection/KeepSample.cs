namespace StreamLearn.Operators;

internal sealed record KeepSampleOptions : IBlockOptions
{
    public required int Capacity { get; init; }

    public required int EmitEvery { get; init; }

    public required int MaxOutputsPerCall { get; init; }

    public string? State => $"a sample of up to {Capacity} rows";

    public long StateBytes(Schema? input) => (long)Capacity * (input?.RowBytes ?? 0);

    public override string ToString() => $"{Capacity} rows, every {EmitEvery}";
}

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps a uniform sample of all n rows so far, each with probability <c>capacity</c> ÷ n.</summary>
    /// <remarks> Shape: rows × columns in, up to <c>capacity</c> of the rows out. Units: unchanged. State: the sample, in one pooled batch,
    /// and the row count. Cost: one random number and at most one copied row per row; no allocation. Emits: a copy of the sample each
    /// <c>emitEvery</c> rows and at the end, however batches cut them. Drops: <c>not-sampled</c> rows, refused or replaced; <c>empty</c>,
    /// <c>schema</c>. Source: Vitter (1985), algorithm R. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="capacity">Rows to keep, at least 1.</param>
    /// <param name="emitEvery">Input rows between samples, at least 1; a sample is also emitted at the end.</param>
    /// <param name="maxOutputsPerCall">Maximum number of samples per call, at least 1; longer batches need several calls.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is less than 1.</exception>
    public static Flow<Batch> KeepSample(this Flow<Batch> flow, int capacity, int emitEvery = 1024, int maxOutputsPerCall = 16)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(emitEvery, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxOutputsPerCall, 1);
        var kept = new KeepSampleOptions { Capacity = capacity, EmitEvery = emitEvery, MaxOutputsPerCall = maxOutputsPerCall };
        return flow.Via("keep-sample", kept,
            static (KeepSampleOptions options, OperatorContext context, IOutput<Batch> output) => new KeepSample(options, context, output));
    }
}

internal sealed class KeepSample(KeepSampleOptions options, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IStateful, IDisposable
{
    private Batch? _sample;
    private int _kept;
    private long _seen;
    private readonly LongBatch _rest = new(context);

    public override bool Ready => _rest.IsEmpty;

    public string StateFormat => "keep-sample/1";

    public override void Process(Batch batch)
    {
        _sample ??= context.Pool.Rent(batch.Schema, options.Capacity);
        if (!batch.Schema.Equals(_sample.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else { Read(batch, 0, options.MaxOutputsPerCall); }
    }

    public override void WakeUp()
    {
        if (_rest.TryTake(out var batch, out var row)) { Read(batch, row, options.MaxOutputsPerCall); }
    }

    public override void Complete()
    {
        var due = _rest.TryTake(out var batch, out var row);
        for (; row < batch?.Rows; row++) { context.DropRows(Offer(batch, row) ? 0 : 1, "not-sampled"); }
        _rest.Dispose();
        if (_kept > 0 && (due || _seen % options.EmitEvery != 0)) { output.Emit(_sample!.Copy(0, _kept)); }
    }

    public void State(ref StateStream s)
    {
        s.Part(ref _sample, 0, ref _kept, context.Pool, options.Capacity);
        s.Value(ref _seen);
        _rest.State(ref s);
    }

    public void Dispose()
    {
        _sample?.Dispose();
        _rest.Dispose();
        _sample = null;
    }

    private void Read(Batch batch, int row, int outputs)
    {
        var refused = 0L;
        while (row < batch.Rows && outputs > 0)
        {
            if (!Offer(batch, row++)) { refused++; }
            if (_seen % options.EmitEvery != 0) { continue; }
            outputs--;
            output.Emit(_sample!.Copy(0, _kept));
        }

        context.DropRows(refused, "not-sampled");
        _rest.Leave(batch, row, isRead: row == batch.Rows);
    }

    private bool Offer(Batch batch, int row)
    {
        var fills = _seen++ < options.Capacity;
        var slot = fills ? _kept++ : context.Random.NextInt64(_seen);
        if (slot < options.Capacity)
        {
            for (var c = 0; c < batch.Columns.Count; c++) { _sample!.Columns[c].CopyFrom((int)slot, batch.Columns[c], row, 1); }
        }

        return fills;
    }
}
