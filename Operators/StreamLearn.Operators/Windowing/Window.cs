namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Splits the stream into windows of a fixed number of rows, one batch each.</summary>
    /// <remarks> Shape: rows × columns in, <c>samples</c> × the same columns out. Units: unchanged. State: the open window's rows, in one
    /// pooled batch. Cost: one copy of each row per window, another if it spans batches; no allocation. Emits: a window for each <c>hop</c>
    /// rows, however batches cut them. Drops: <c>incomplete-window</c> rows in no window when the segment changed or the input ended,
    /// <c>between-windows</c> rows skipped by a long hop, <c>empty</c>, <c>schema</c>. Counts <c>rows-windowed</c> (each row once) and
    /// shows <c>rows-held</c>: between calls, rows in = windowed + dropped + held. Source: count windows, Carbone et al. (2015). </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="samples">Rows per window, at least 1.</param>
    /// <param name="hop">Rows between window starts, at least 1.</param>
    /// <param name="options">Segment and output limit; the arguments replace its <c>Samples</c> and <c>Hop</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or a window exceeds 2^24 rows.</exception>
    public static Flow<Batch> Window(this Flow<Batch> flow, int samples, int hop, WindowOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options = (options ?? new()) with { Samples = samples, Hop = hop };
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, 1 << 24);
        ArgumentOutOfRangeException.ThrowIfLessThan(hop, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxOutputsPerCall, 1);
        if (options.Segment is { Length: 0 })
        {
            throw new ArgumentException("expected the name of a segment column, or null, got ''", nameof(options));
        }

        return flow.Via("window", options,
            static (WindowOptions options, OperatorContext context, IOutput<Batch> output) => new Window(options, context, output));
    }
}

internal sealed class Window(WindowOptions options, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IStateful, IDisposable
{
    private const long MaxBytesPerCall = 4 << 20;      // half of an edge's default capacity

    private readonly OpenWindow _open = new(options, context);
    private int _segmentColumn = -1;
    private int? _segment;
    private bool _begun;
    private readonly LongBatch _rest = new(context);

    public override bool Ready => _rest.IsEmpty;

    public string StateFormat => "window/1";

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else
        {
            _open.Turn();
            Read(batch, 0);
        }
    }

    public override void WakeUp()
    {
        if (_rest.TryTake(out var batch, out var row)) { Read(batch, row); }
    }

    public override void Complete()
    {
        WakeUp();
        _rest.Drop("incomplete-window");
        _open.Restart(0);
        context.Gauge("rows-held", 0);
    }

    public void State(ref StateStream s)
    {
        _open.State(ref s);
        s.Value(ref _segmentColumn, -1, (_open.Schema?.Fields.Length ?? 0) - 1);
        var (hasSegment, segment) = (s.Value(_segment is not null), s.Value(_segment ?? 0));
        _segment = hasSegment ? segment : null;
        s.Value(ref _begun);
        _rest.State(ref s);
    }

    public void Dispose()
    {
        _open.Dispose();
        _rest.Dispose();
    }

    private bool Fits(Schema schema)
    {
        if (_open.Schema is { } known) { return schema.Equals(known); }
        if (options.Segment is not null)
        {
            _segmentColumn = schema.IndexOf(options.Segment);
            if (_segmentColumn < 0 || schema.Fields[_segmentColumn].Type != ColumnType.Int32) { return false; }
        }

        _open.Begin(schema);
        return true;
    }

    private void Read(Batch batch, int row)
    {
        var (emitted, bytes, rows) = (0, 0L, batch.Rows);
        for (var same = 0; row < rows;)
        {
            if (same == 0) { same = SameSegment(batch, row); }
            var run = Math.Min(same, _open.Missing);
            (row, same) = (row + run, same - run);
            _open.Take(run, row);
            if (!_open.IsFull) { continue; }
            var window = _open.Close(batch);
            var size = window.SizeBytes;
            output.Emit(window);
            (emitted, bytes) = (emitted + 1, bytes + size);
            if (emitted == options.MaxOutputsPerCall || bytes + size > MaxBytesPerCall) { break; }
        }

        context.Gauge("rows-held", _open.Unwindowed + rows - row);
        if (row == rows) { _open.Keep(batch); }
        _rest.Leave(batch, row, isRead: row == rows);
    }

    /// <summary>Returns where the segment ends; a new segment starts a new window.</summary>
    private int SameSegment(Batch batch, int row)
    {
        if (_segmentColumn < 0) { return batch.Rows - row; }
        var column = batch.Columns[_segmentColumn];
        var values = column.Values<int>();
        int? segment = column.IsValid(row) ? values[row] : null;
        if (_begun && segment != _segment) { _open.Restart(row); }
        (_begun, _segment) = (true, segment);
        var end = row + 1;
        if (!column.Field.Nullable)
        {
            var next = values[end..].IndexOfAnyExcept(values[row]);
            return next < 0 ? batch.Rows - row : next + 1;
        }

        while (end < batch.Rows && (column.IsValid(end) ? values[end] : null) == segment) { end++; }
        return end - row;
    }
}
