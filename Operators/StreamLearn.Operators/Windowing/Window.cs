namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows: windows, scaling, quality, selection.</summary>
public static partial class PreprocessingFlowExtensions
{
    /// <summary>Cuts the stream into windows of a fixed number of rows, one batch each, whatever the batches it came in.</summary>
    /// <remarks>
    /// Shape: rows × columns in, <c>samples</c> × the same columns out. Units: unchanged.
    /// State: the rows of the open window, in one pooled batch. Cost: each row is copied in once and out once for each window it is in; no
    /// allocation.
    /// Emits: a window for each <c>hop</c> rows. Drops: <c>incomplete-window</c> rows that were in no window when the segment changed or
    /// the input ended,
    /// <c>between-windows</c> rows that a hop longer than the window leaves out, <c>empty</c>, <c>schema</c>.
    /// Counts <c>rows-windowed</c> (each row once, whatever the overlap) and shows <c>rows-held</c>: rows in = windowed + dropped + held,
    /// at any time between calls.
    /// Source: count windows with a slide, as in Carbone et al. (2015), Apache Flink.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="samples">Rows of a window, at least 1.</param>
    /// <param name="hop">Rows from one window's start to the next one's, at least 1.</param>
    /// <param name="options">Segment and output bound; its <c>Samples</c> and <c>Hop</c> are replaced by the arguments.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or a window would have more than 2^24 rows.</exception>
    public static Flow<Batch> Window(this Flow<Batch> flow, int samples, int hop, WindowOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options = (options ?? new()) with { Samples = samples, Hop = hop };
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, 1 << 24);
        ArgumentOutOfRangeException.ThrowIfLessThan(hop, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxOutputsPerCall, 1, nameof(options));
        if (options.Segment is { Length: 0 })
        {
            throw new ArgumentException("expected the name of a segment column, or null, got ''", nameof(options));
        }

        return flow.Via("window", options,
            static (WindowOptions options, OperatorContext context, IOutput<Batch> output) => new Window(options, context, output));
    }
}

internal sealed class Window(WindowOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IDisposable
{
    private const long MaxBytesPerCall = 4 << 20;      // half of what an edge holds by default

    // The open window's rows are [_start, _start + _held) of _rows; the first _windowed of them were in a window before.
    private Batch? _rows;
    private int _start;
    private int _held;
    private int _windowed;
    private int _skip;              // rows still to be left out before the next window
    private int _segmentColumn = -1;
    private int? _segment;
    private bool _begun;
    private Batch? _unread;         // a long batch whose rest waits for the next call
    private int _read;

    public override bool Ready => _unread is null;

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else { Read(batch, 0); }
    }

    public override void WakeUp()
    {
        if (_unread is { } batch) { Read(batch, _read); }
    }

    public override void Complete()
    {
        WakeUp();
        if (_unread is not null)
        {
            context.DropRows(_unread.Rows - _read, "incomplete-window");
            _unread.Dispose();
            _unread = null;
        }

        Restart();
        context.Gauge("rows-held", 0);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _rows?.Dispose();
        _unread?.Dispose();
        (_rows, _unread) = (null, null);
    }

    private bool Fits(Schema schema)
    {
        if (_rows is not null) { return schema.Equals(_rows.Schema); }
        if (options.Segment is not null)
        {
            _segmentColumn = schema.IndexOf(options.Segment);
            if (_segmentColumn < 0 || schema.Fields[_segmentColumn].Type != ColumnType.Int32) { return false; }
        }

        _rows = context.Pool.Rent(schema, 2 * options.Samples);
        return true;
    }

    /// <summary>Takes rows until the batch is read or the call has emitted enough; then the rest waits for a wake-up.</summary>
    private void Read(Batch batch, int row)
    {
        var (emitted, bytes) = (0, 0L);
        while (row < batch.Rows)
        {
            var run = SameSegment(batch, row);
            if (_skip > 0)
            {
                run = Math.Min(run, _skip);
                _skip -= run;
                context.DropRows(run, "between-windows");
            }
            else
            {
                run = Math.Min(run, options.Samples - _held);
                Append(batch, row, run);
            }

            row += run;
            if (_held < options.Samples) { continue; }
            var size = EmitWindow();
            (emitted, bytes) = (emitted + 1, bytes + size);
            if (emitted == options.MaxOutputsPerCall || bytes + size > MaxBytesPerCall) { break; }
        }

        context.Gauge("rows-held", _held - _windowed + batch.Rows - row);
        if (row == batch.Rows)
        {
            batch.Dispose();
            _unread = null;
            return;
        }

        (_unread, _read) = (batch, row);
        context.WakeAt(context.Now);
    }

    /// <summary>Rows from here on that belong to the segment of the first; a new segment starts a new window.</summary>
    private int SameSegment(Batch batch, int row)
    {
        if (_segmentColumn < 0) { return batch.Rows - row; }
        var column = batch.Columns[_segmentColumn];
        var values = column.Values<int>();
        int? segment = column.IsValid(row) ? values[row] : null;
        if (_begun && segment != _segment) { Restart(); }
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

    private void Append(Batch batch, int row, int rows)
    {
        if (_start + _held + rows > 2 * options.Samples)
        {
            Copy(_rows!, _start, _rows!, 0, _held);
            _start = 0;
        }

        Copy(batch, row, _rows!, _start + _held, rows);
        _held += rows;
    }

    private long EmitWindow()
    {
        var window = context.Pool.Rent(_rows!.Schema, options.Samples);
        Copy(_rows, _start, window, 0, options.Samples);
        context.Record("rows-windowed", options.Samples - _windowed);
        var kept = Math.Max(0, options.Samples - options.Hop);
        _start = kept == 0 ? 0 : _start + options.Hop;
        (_held, _windowed, _skip) = (kept, kept, Math.Max(0, options.Hop - options.Samples));
        var size = window.SizeBytes;
        output.Emit(window);
        return size;
    }

    private void Restart()
    {
        context.DropRows(_held - _windowed, "incomplete-window");
        (_start, _held, _windowed, _skip) = (0, 0, 0, 0);
    }

    private static void Copy(Batch from, int fromRow, Batch to, int toRow, int rows)
    {
        for (var c = 0; c < to.Columns.Count; c++) { to.Columns[c].CopyFrom(toRow, from.Columns[c], fromRow, rows); }
    }
}
