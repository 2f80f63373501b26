namespace StreamLearn.Operators;

internal sealed class JoinByTime : Operator<Batch>, IJoining<Batch>, IStateful, IDisposable
{
    private readonly JoinBlock _block;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _output;
    private readonly JoinInput _first;
    private readonly JoinInput _second;
    private readonly JoinedRows _pairs = new();
    private readonly long _tolerance;
    private Schema? _columns;
    private bool _isRefused;            // the columns of both inputs do not fit
    private HeldRow _before = HeldRow.None;     // the newest row of the second input that is not later than the next row of the first
    private long _beforeTime;
    private bool _hasMore;              // there is more output than one call may emit
    private bool _waits;                // it waits for a batch of the second input, whose columns are unknown

    internal JoinByTime(JoinBlock block, OperatorContext context, IOutput<Batch> output)
    {
        (_block, _context, _output, _tolerance) = (block, context, output, EventClock.Nanoseconds(block.Tolerance));
        (_first, _second) = (new(block.Options, context), new(block.Options, context));
    }

    public override bool Ready => !_hasMore;

    public override bool AwaitingReplies => _hasMore;

    public string StateFormat => "join/1";

    public bool IsOpen(bool second) => !_hasMore && (second ? _second : _first).Unread < _block.Options.MaxHeldRows;

    public bool HasEnded(bool second) => (second ? _second : _first).HasEnded;

    public override void Process(Batch input) => Take(_first, input);

    public void ProcessSecond(Batch input) => Take(_second, input);

    public override void WakeUp() => Advance();

    public void EndInput(bool second)
    {
        (second ? _second : _first).HasEnded = true;
        Advance();
    }

    public override void Complete()
    {
        (_first.HasEnded, _second.HasEnded) = (true, true);
        Advance();
    }

    public void State(ref StateStream s)
    {
        _first.State(ref s);
        _second.State(ref s);
        _before = new(s.Value(_before.Batch, -1, _second.Batches.Count - 1), s.Value(_before.Row, -1, int.MaxValue));
        s.Value(ref _beforeTime);
        s.Value(ref _hasMore);
        if (_before.Batch >= 0 && (uint)_before.Row >= (uint)_second.Batches[_before.Batch].Rows)
        {
            throw new StateException($"expected a row that is held, got {_before}");
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private void Take(JoinInput input, Batch batch)
    {
        input.Add(batch);
        Advance();
    }

    private void Advance()
    {
        _pairs.Clear();
        _first.ReadClock();
        _second.ReadClock();
        _waits = false;
        var alone = 0;
        while (!_pairs.IsFull && _first.TryPeek(out var time))
        {
            for (; _second.TryPeek(out var next) && next <= time; _beforeTime = next) { _before = _second.Take(next); }
            if (!IsSettled(time)) { break; }
            var partner = PartnerOf(time);
            _waits = _block.Options.KeepUnmatched && !KnowsColumns() && !_isRefused && !_second.HasEnded;
            if (_waits) { break; }
            var row = _first.Take(time);
            if (CanEmit(partner)) { _pairs.Add(row, partner); }
            else { alone++; }
        }

        if (alone > 0) { _context.DropRows(alone, _isRefused ? "schema" : "no-partner"); }
        _hasMore = _pairs.IsFull && _first.TryPeek(out _);
        if (_pairs.Count > 0)
        {
            var joined = _context.Pool.Rent(_columns!, _pairs.Count);
            _pairs.WriteTo(joined, _first, _second);
            _output.Emit(joined);
        }

        _first.Release(HeldRow.None);
        if (!_hasMore) { MakeWay(); }
        var released = _second.Release(_before);
        if (_before != HeldRow.None) { _before = _before with { Batch = _before.Batch - released }; }
        _context.Gauge("rows-held", _first.Unread);
        AskForWake();
    }

    private bool IsSettled(long time) => _second.Newest > time || _second.HasEnded || IsIdle(_second);

    private bool IsIdle(JoinInput input) =>
        _block.Options.Idle != Timeout.InfiniteTimeSpan && _context.Now - input.Heard >= _block.Options.Idle;

    private HeldRow PartnerOf(long time)
    {
        var (partner, distance) = (HeldRow.None, (Int128)long.MaxValue);
        if (_before != HeldRow.None && (_block.Nearest || _beforeTime <= time))      // it may be later if rows have been evicted
        {
            (partner, distance) = (_before, Int128.Abs((Int128)time - _beforeTime));
        }

        if (_block.Nearest && _second.TryPeek(out var after) && (Int128)after - time < distance)
        {
            (partner, distance) = (_second.Next, (Int128)after - time);
        }

        return distance <= _tolerance ? partner : HeldRow.None;
    }

    private bool CanEmit(HeldRow partner) => (partner != HeldRow.None || _block.Options.KeepUnmatched) && KnowsColumns();

    private bool KnowsColumns()
    {
        if (_columns is not null || _isRefused) { return _columns is not null; }
        try { _columns = _second.Columns is { } second ? _block.Output(_first.Columns!, second) : _context.Columns; }
        catch (SchemaException) { _isRefused = true; }

        return _columns is not null;
    }

    /// <summary>Releases rows of the second input: all if the first has ended, those beyond the limit if it is idle.</summary>
    private void MakeWay()
    {
        if (_first.Unread > 0 || !(_first.HasEnded || IsIdle(_first))) { return; }
        var kept = _first.HasEnded ? 0 : _block.Options.MaxHeldRows - 1;
        var left = 0;
        while (_second.Unread > kept && _second.TryPeek(out var time))
        {
            (_before, _beforeTime) = (_second.Take(time), time);
            left++;
        }

        if (left > 0 && !_first.HasEnded) { _context.Record("rows-made-way", left); }
    }

    private void AskForWake()
    {
        if (_hasMore) { _context.WakeAt(_context.Now); }
        if (_block.Options.Idle == Timeout.InfiniteTimeSpan) { return; }
        if (_first.Unread > 0 && !_second.HasEnded && !_waits) { _context.WakeAt(_second.Heard + _block.Options.Idle); }
        if (!IsOpen(second: true) && !_first.HasEnded) { _context.WakeAt(_first.Heard + _block.Options.Idle); }
    }
}
