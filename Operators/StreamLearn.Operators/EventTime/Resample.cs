namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    private const double MaxRate = 1e7;

    /// <summary>Resamples rows to a fixed rate in event time.</summary>
    /// <remarks> Shape: rows × columns in; out the same columns, with <c>time</c> on the grid, k periods after 1970 and so shared by flows
    /// of one rate, and an int32 column <c>segment</c> for <c>Window</c>, one higher after each gap. An input with such a column, from
    /// <c>CheckQuality</c>, is renumbered and also begins a segment where it changes. Units: unchanged, times in nanoseconds. Values:
    /// <see cref="Interpolation"/> of the rows before and after; whole numbers (labels, keys, codes of names) from the row before, or the
    /// nearest. No rows are made before a segment's first row, after its last, or over a gap. Missing: a blend with a missing or NaN row is
    /// missing or NaN, unless the grid meets the other row; held values stay missing too. No filter is applied, so frequencies above half
    /// the new rate alias: filter first, or use <c>Features</c> of windows. State: the last row, the last 15 steps. Cost: O(rows in + rows
    /// out × columns); no allocation. Emits: rows up to the newest of the batch, at most 1,024 per batch. For several devices, put it
    /// inside <c>PerKey</c>. Drops: <c>late</c> rows, not after the one before; <c>future</c> rows, too far ahead of the clock;
    /// <c>bad-time</c> rows, missing or before 1824 or after 2115; <c>empty</c>, <c>schema</c>. Counts <c>gaps</c>. </remarks>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="samplesPerSecond">Rows per second, above 1e-7, at most 1e7.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<Batch> Resample(this Flow<Batch> flow, double samplesPerSecond, ResampleOptions? options = null)
    {
        if (!(samplesPerSecond is > 1e-7 and <= MaxRate))
        {
            throw new ArgumentOutOfRangeException(nameof(samplesPerSecond), samplesPerSecond, "expected more than 1e-7, at most 1e7");
        }

        return Resample(flow, 1_000_000_000m / (decimal)samplesPerSecond, options);
    }

    /// <summary>Resamples rows to a fixed period in event time.</summary>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="period">Time between rows, 1 tick to 100 days.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<Batch> Resample(this Flow<Batch> flow, TimeSpan period, ResampleOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, TimeSpan.FromDays(100));
        return Resample(flow, period.Ticks * 100m, options);
    }

    private static Flow<Batch> Resample(Flow<Batch> flow, decimal nanoseconds, ResampleOptions? options)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("resample", new ResampleBlock(nanoseconds, (options ?? new()).Checked()),
            static (ResampleBlock block, OperatorContext context, IOutput<Batch> output) => new Resample(block, context, output));
    }
}

internal sealed class Resample(ResampleBlock block, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IStateful, IDisposable
{
    private const int UsualSteps = 5;       // a gap is longer than this many usual steps

    private readonly long _firstGap = EventClock.Nanoseconds(TimeSpan.FromMinutes(1));      // used until the usual step is known
    private readonly long? _maxGap = block.Options.MaxGap is { } gap ? EventClock.Nanoseconds(gap) : null;
    private readonly GridPoints _points = new(block.Options.Interpolation);
    private readonly TimeCheck _times = new(block.Options.Clock, block.Options.MaxFuture, context);
    private readonly UsualStep _step = new();
    private readonly TimeGrid _grid = new(block.Period);
    private Schema? _input;
    private Schema? _output;
    private (int Time, int Segment) _column;
    private Batch? _held;           // the last row of the previous batch
    private int _last = -1;         // the last row read from the current batch; −1: the held row
    private long? _lastTime;
    private int? _mark;             // segment number in the input
    private int _segment = -1;
    private long _next;             // the next grid point
    private bool _begins;           // the current row begins a segment
    private readonly LongBatch _rest = new(context);
    private bool _isTaken;          // only grid points of the next row remain

    private long MaxGap => _maxGap
        ?? (_step.Median == 0 ? _firstGap : (long)Int128.Min(EventClock.Bound, UsualSteps * (Int128)_step.Median));

    public override bool Ready => _rest.IsEmpty;

    public override bool AwaitingReplies => !_rest.IsEmpty;

    public string StateFormat => "resample/1";

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else { Read(batch, 0); }
    }

    public override void WakeUp()
    {
        if (_rest.TryTake(out var batch, out var row)) { Read(batch, row); }
    }

    public void State(ref StateStream s)
    {
        if (s.Value(_input) is not { } columns) { return; }
        if (!Fits(columns)) { throw new StateException("expected columns that the block takes"); }
        _step.State(ref s);
        s.Value(ref _lastTime);
        _mark = (int?)s.Value((long?)_mark);
        s.Value(ref _segment);
        s.Value(ref _next);
        s.Value(ref _held);
        s.Value(ref _last, -1, int.MaxValue);
        _rest.State(ref s);
        s.Value(ref _isTaken);
        s.Value(ref _begins);
        var rows = _rest.TryTake(out var batch, out _) ? batch.Rows : 0;
        if (s.IsReading && _last >= rows) { throw new StateException($"expected a row of the rest, got {_last}"); }
    }

    public void Dispose()
    {
        _held?.Dispose();
        _rest.Dispose();
        _held = null;
    }

    private bool Fits(Schema schema)
    {
        if (_input is not null) { return schema.Equals(_input); }
        if (!block.TryOutput(schema, out _output)) { return false; }
        _input = schema;
        _column = (schema.IndexOf(Schema.TimeColumn), _output.IndexOf(ResampleOptions.SegmentColumn));
        return true;
    }

    /// <summary>A full output batch schedules a wake-up for the rest.</summary>
    private void Read(Batch batch, int row)
    {
        _points.Clear();
        _times.ReadClock();
        var column = batch.Columns[_column.Time];
        var times = column.Values<long>();
        var (nullable, late, bad, future) = (column.Field.Nullable, 0, 0, 0);
        for (; row < batch.Rows; row++, _isTaken = false)
        {
            var time = nullable && !column.IsValid(row) ? long.MinValue : times[row];
            if (!_isTaken)
            {
                var begins = Begins(batch, row);
                var fault = _times.Of(time);
                if (fault == RowFault.BadTime) { bad++; }
                else if (fault == RowFault.Future) { future++; }
                else if (!begins && time <= _lastTime) { late++; }
                else { _isTaken = true; }
                if (!_isTaken) { continue; }
                Take(batch, row, time, begins);
            }

            if (!TryMake(row, time)) { break; }
            (_last, _lastTime) = (row, time);
        }

        if (late > 0) { context.DropRows(late, "late"); }
        if (bad > 0) { context.DropRows(bad, "bad-time"); }
        if (future > 0) { context.DropRows(future, "future"); }
        if (_points.Count > 0)
        {
            var made = context.Pool.Rent(_output!, _points.Count);
            _points.WriteTo(made, batch, _held, _column.Time, _column.Segment);
            output.Emit(made);
        }

        Leave(batch, row);
    }

    private bool Begins(Batch batch, int row)
    {
        if (_column.Segment >= batch.Columns.Count) { return _lastTime is null; }
        var column = batch.Columns[_column.Segment];
        return _lastTime is null || (column.IsValid(row) ? column.Values<int>()[row] : null) != _mark;
    }

    private void Take(Batch batch, int row, long time, bool begins)
    {
        if (!begins)
        {
            var step = (long)Int128.Min((Int128)time - _lastTime!.Value, long.MaxValue);
            begins = step > MaxGap;
            if (begins) { context.Record("gaps"); }
            _step.Add(step);
        }

        _begins = begins;
        if (!begins) { return; }
        (_segment, _next) = (_segment + 1, _grid.FirstFrom(time));
        if (_column.Segment >= batch.Columns.Count) { return; }
        var column = batch.Columns[_column.Segment];
        _mark = column.IsValid(row) ? column.Values<int>()[row] : null;
    }

    private bool TryMake(int row, long time)
    {
        for (var at = _grid.TimeOf(_next); at <= time; at = _grid.TimeOf(++_next))
        {
            if (_points.IsFull) { return false; }
            var share = _begins || at == time ? 1 : (at - _lastTime!.Value) / (double)(time - _lastTime.Value);
            _points.Add(at, _segment, _last, row, share);
        }

        return true;
    }

    private void Leave(Batch batch, int row)
    {
        if (row == batch.Rows && _last >= 0)
        {
            _held ??= context.Pool.Rent(_input!, 1);
            _held.CopyFrom(0, batch, _last, 1);
            _last = -1;
        }

        _rest.Leave(batch, row, isRead: row == batch.Rows);
    }
}
