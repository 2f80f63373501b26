namespace StreamLearn.Operators;

/// <summary>Fixed windows: window k covers [origin + k·hop, origin + k·hop + size).</summary>
internal sealed class AlignedWindows(TimeWindowBlock block, HeldRows rows) : IWindowing
{
    private readonly long _size = EventClock.Nanoseconds(block.Size);
    private readonly long _hop = EventClock.Nanoseconds(block.Hop);
    private readonly long _origin = EventClock.Nanoseconds(new TimeSpan(block.Options.Origin.UtcTicks % block.Hop.Ticks))
        - EventClock.Nanoseconds(new TimeSpan(DateTimeOffset.UnixEpoch.Ticks % block.Hop.Ticks));
    private readonly long _lateness = EventClock.Nanoseconds(block.Options.Lateness);
    private readonly List<(long Window, int Revision)> _revised = [];
    private long _next = long.MinValue;         // due windows before this one were emitted
    private long _changed;                      // windows changed by a late row: [_changed, _changedEnd)
    private long _changedEnd;

    public long Due { get; private set; } = long.MaxValue;

    public long End => rows[rows.Count - 1] + _size + _lateness;

    public RowAdmission Admit(long time, int place, long watermark)
    {
        var start = Start(Last(time));
        if (time - start >= _size) { return RowAdmission.Between; }
        return start + _size + _lateness > watermark ? RowAdmission.Taken : RowAdmission.Late;
    }

    public void Added(long time, int place, long watermark)
    {
        var open = FirstOpen(watermark);
        if (_next < open) { _next = open; }
        var (first, last) = (FirstOpen(time), Last(time));
        if (Math.Max(first, open) <= last) { Due = Math.Min(Due, Start(Math.Max(first, open)) + _size); }
        if (first >= open) { return; }
        (_changed, _changedEnd) = (Math.Max(first, FirstOpen(watermark - _lateness)), Math.Min(last + 1, open));
        if (_changed < _changedEnd) { Due = long.MinValue; }
    }

    public bool TryTake(long watermark, out DueWindow window)
    {
        if (_changed < _changedEnd)
        {
            window = Changed(_changed++);
            return true;
        }

        window = default;
        var place = rows.PlaceOf(Start(_next));
        if (place < rows.Count)
        {
            var index = Math.Max(_next, FirstOpen(rows[place]));
            if (Start(index) + _size <= watermark)
            {
                window = Of(index, 0);
                _next = index + 1;
                return true;
            }

            Due = Start(index) + _size;
        }
        else { Due = long.MaxValue; }

        return false;
    }

    public void Release(long watermark)
    {
        if (rows.Count == 0) { return; }
        var kept = FirstOpen(watermark - _lateness);
        rows.Release(rows.PlaceOf(Start(kept)));
        if (rows.Count > 0) { Due = Math.Min(Due, Start(Last(rows[0])) + _size + _lateness); }      // the next windows expire then
        for (var i = _revised.Count - 1; i >= 0; i--)
        {
            if (_revised[i].Window < kept) { _revised.RemoveAt(i); }
        }
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _next);
        s.Value(ref _changed);
        s.Value(ref _changedEnd);
        if (s.IsReading) { Due = long.MinValue; }       // it is found again at the next row
        s.Items(_revised, int.MaxValue, static (ref StateStream s, ref (long Window, int Revision) revised) =>
            revised = (s.Value(revised.Window), s.Value(revised.Revision)));
    }

    private DueWindow Changed(long index)
    {
        var window = Of(index, 0);
        if (window.To - window.From == 1) { return window; }        // the window was empty, so this is its first result
        var known = _revised.Count - 1;
        while (known >= 0 && _revised[known].Window != index) { known--; }
        var revision = known < 0 ? 1 : _revised[known].Revision + 1;
        if (known < 0) { _revised.Add((index, revision)); }
        else { _revised[known] = (index, revision); }
        return window with { Revision = revision };
    }

    private DueWindow Of(long index, int revision)
    {
        var start = Start(index);
        return new(rows.PlaceOf(start), rows.PlaceOf(start + _size), start, revision);
    }

    private long Start(long index) => _origin + (index * _hop);

    /// <summary>The last window that starts at or before a time.</summary>
    private long Last(long time) => FloorDivide(time - _origin);

    /// <summary>The first window that ends after a time.</summary>
    private long FirstOpen(long time) => FloorDivide(time - _origin - _size) + 1;

    private long FloorDivide(long time)
    {
        var quotient = time / _hop;
        return time % _hop < 0 ? quotient - 1 : quotient;
    }
}
