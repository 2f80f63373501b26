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
    /// and the row count. Cost: one random number and at most one copied row a row; no allocation. Emits: a copy of the sample each
    /// <c>emitEvery</c> rows and at the end, however batches cut them. Drops: <c>not-sampled</c> rows, refused or replaced; <c>empty</c>,
    /// <c>schema</c>. Source: Vitter (1985), algorithm R. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="capacity">Rows kept, at least 1.</param>
    /// <param name="emitEvery">Input rows between samples, at least 1; the end emits one too.</param>
    /// <param name="maxOutputsPerCall">Maximum samples per call, at least 1; longer batches take several calls.</param>
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
    private Batch? _unread;         // a long batch, continued in the next call
    private int _read;

    public override bool Ready => _unread is null;

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
        if (_unread is { } batch) { Read(batch, _read, options.MaxOutputsPerCall); }
    }

    public override void Complete()
    {
        var due = _unread is not null;
        if (_unread is { } batch)
        {
            for (; _read < batch.Rows; _read++) { context.DropRows(Offer(batch, _read) ? 0 : 1, "not-sampled"); }
            batch.Dispose();
            _unread = null;
        }

        if (_kept > 0 && (due || _seen % options.EmitEvery != 0)) { output.Emit(_sample!.Copy(0, _kept)); }
    }

    public void State(ref StateStream s)
    {
        s.Part(ref _sample, 0, ref _kept, context.Pool, options.Capacity);
        s.Value(ref _seen);
        s.Rest(ref _unread, ref _read);
    }

    public void Dispose()
    {
        _sample?.Dispose();
        _unread?.Dispose();
        (_sample, _unread) = (null, null);
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
        if (row == batch.Rows)
        {
            batch.Dispose();
            _unread = null;
            return;
        }

        (_unread, _read) = (batch, row);
        context.WakeAt(context.Now);
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
