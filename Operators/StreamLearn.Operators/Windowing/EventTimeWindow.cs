namespace StreamLearn.Operators;

/// <summary>Emits windows in event-time order when the watermark passes their end.</summary>
/// <remarks>Shape: rows × columns in; out a window's rows, with <c>window</c> (start) and <c>revision</c> if there is a lateness. Source:
/// Akidau et al. (2015), The Dataflow Model.</remarks>
internal sealed class EventTimeWindow(EventTimeBlock block, OperatorContext context, IOutput<Batch> output, IOutput<Batch> side)
    : Operator<Batch>, IStateful, IDisposable
{
    private const long MaxBytesPerCall = 4 << 20;      // half of an edge's default capacity; the side output may use a quarter
    private const int MaxSideBytes = 2 << 20;

    private readonly EventTimeOptions _options = block.Options;
    private readonly TimeCheck _times = new(block.Options.Clock, block.Options.MaxFuture, context);
    private readonly Watermark _watermark = new(block.Options, context);
    private readonly Quarantine _quarantine = new(context, side);
    private Schema? _output;
    private HeldRows? _rows;
    private IWindowing? _windowing;
    private int _timeColumn;
    private readonly LongBatch _rest = new(context);
    private int _outputs;           // number of windows that this call may still emit
    private long _bytes;
    private long _lastBytes;
    private (long Full, long Between) _dropped;

    public override bool Ready => _rest.IsEmpty;

    public string StateFormat => "event-time-window/1";

    public void State(ref StateStream s)
    {
        if (s.Value(_rows?.Schema) is not { } columns) { return; }
        if (!Fits(columns)) { throw new StateException("expected columns that the block takes"); }
        _rows!.State(ref s);
        _windowing!.State(ref s);
        _times.State(ref s);
        _watermark.State(ref s);
        _rest.State(ref s);
    }

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else
        {
            _times.ReadClock();
            Begin(_options.MaxOutputsPerCall);
            Read(batch, 0);
        }
    }

    public override void WakeUp()
    {
        Begin(_options.MaxOutputsPerCall);
        if (_rest.TryTake(out var batch, out var row)) { Read(batch, row); }
        else if (_rows is { Count: > 0 })
        {
            _watermark.RaiseIfIdle(_windowing!.End);
            if (EmitDue(null)) { AskForWake(); }
            else { context.WakeAt(context.Now); }
            context.Gauge("rows-held", _rows.Unwindowed);
        }
    }

    public override void Complete()
    {
        Begin(_options.MaxOutputsPerCall + block.MaxOpen);
        if (_rest.TryTake(out var batch, out var row)) { Read(batch, row); }
        _rest.Drop("incomplete-window");
        if (_rows is null) { return; }
        if (_rows.Count > 0)
        {
            _watermark.RaiseTo(_windowing!.End);
            EmitDue(null);
            context.DropRows(_rows.Release(_rows.Count), "incomplete-window");
        }

        context.Gauge("rows-held", 0);
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _rest.Dispose();
        _rows = null;
    }

    private bool Fits(Schema schema)
    {
        if (_rows is not null) { return schema.Equals(_rows.Schema); }
        if (!block.TryOutput(schema, out _output)) { return false; }
        _timeColumn = schema.IndexOf(Schema.TimeColumn);
        _rows = new(context.Pool, schema, _options.MaxHeldRows);
        _windowing = block.Make(_rows);
        return true;
    }

    private void Begin(int outputs) => (_outputs, _bytes) = (outputs, 0);

    /// <summary>Stops when the call has emitted enough; a wake-up reads the rest.</summary>
    private void Read(Batch batch, int row)
    {
        var time = batch.Columns[_timeColumn];
        var times = time.Values<long>();
        var nullable = time.Field.Nullable;
        var last = (int)Math.Min(batch.Rows, row + Math.Max(1L, MaxSideBytes / (batch.Schema.RowBytes + sizeof(int))));
        var done = EmitDue(batch);
        while (done && row < last && TryTake(batch, row, nullable && !time.IsValid(row) ? long.MinValue : times[row]))
        {
            row++;
            done = EmitDue(batch);      // windows changed by a late row
        }

        _rows!.Write(batch);
        Settle(batch);
        context.Gauge("rows-held", _rows.Unwindowed + batch.Rows - row);
        var isRead = row == batch.Rows && done;
        _rest.Leave(batch, row, isRead);
        if (isRead) { AskForWake(); }
    }

    /// <summary>After emitting the windows that its time closes.</summary>
    private bool TryTake(Batch batch, int row, long time)
    {
        if (_times.Of(time) is var fault and not RowFault.None)
        {
            _quarantine.Add(row, fault);
            return true;
        }

        _watermark.Raise(time);
        if (!EmitDue(batch)) { return false; }
        var place = _rows!.PlaceOf(time + 1);       // after rows of the same time
        switch (_windowing!.Admit(time, place, _watermark.Time))
        {
            case RowAdmission.Late:
                if (_options.DropLate) { _quarantine.Drop(RowFault.Late); }
                else { _quarantine.Add(row, RowFault.Late); }
                return true;
            case RowAdmission.Between:
                _dropped.Between++;
                break;
            default:
                Hold(batch, row, time, place);
                break;
        }

        _watermark.Hear();
        return true;
    }

    private void Hold(Batch batch, int row, long time, int place)
    {
        if (_rows!.IsFull)
        {
            _dropped.Full++;
            return;
        }

        _rows.Add(batch, row, time, place);
        _windowing!.Added(time, place, _watermark.Time);
    }

    private bool EmitDue(Batch? batch)
    {
        if (_watermark.Time < _windowing!.Due) { return true; }
        if (batch is not null) { _rows!.Write(batch); }
        while (_outputs > 0 && (_bytes == 0 || _bytes + _lastBytes <= MaxBytesPerCall))
        {
            if (!_windowing.TryTake(_watermark.Time, out var window))
            {
                _windowing.Release(_watermark.Time);
                return true;
            }

            Emit(window);
        }

        return false;
    }

    private void Emit(in DueWindow due)
    {
        var window = context.Pool.Rent(_output!, due.To - due.From);
        var first = _rows!.CopyTo(window, due.From, due.To, due.Revision + 1);
        context.Record("rows-windowed", first);
        if (_options.Lateness > TimeSpan.Zero)
        {
            var columns = _rows.Schema.Fields.Length;
            window.Columns[columns].Writable<long>().Fill(due.Start);
            window.Columns[columns + 1].Writable<int>().Fill(due.Revision);
            if (due.Revision > 0) { context.Record("windows-revised"); }
        }

        _outputs--;
        _lastBytes = window.SizeBytes;
        _bytes += _lastBytes;
        output.Emit(window);
    }

    private void AskForWake()
    {
        if (_windowing!.Due < long.MaxValue) { _watermark.WakeAt(_windowing.Due); }
    }

    private void Settle(Batch batch)
    {
        _quarantine.Settle(batch);
        if (_dropped.Full > 0) { context.DropRows(_dropped.Full, "window-full"); }
        if (_dropped.Between > 0) { context.DropRows(_dropped.Between, "between-windows"); }
        _dropped = default;
    }
}
