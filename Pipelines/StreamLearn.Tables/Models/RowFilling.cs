namespace StreamLearn.Tables;

/// <summary>Fills missing values between rows of one device and finds gaps that no window may span, for learning and answering.</summary>
/// <remarks>A gap is a step of more than 3.5 usual steps, a decrease of time, or more rows with missing values than are filled. A row whose
/// time is outside that of two ordered neighbors has a wrong time stamp: it is dropped and makes no gap.</remarks>
internal sealed class RowFilling
{
    /// <summary>Exclusive limit of channel values: no sensor measures more, and the square would not be finite.</summary>
    public const float MaxValue = 1e15f;

    /// <summary>A step of more than this many usual steps is a gap, which no window spans.</summary>
    internal const double GapRows = 3.5;

    private readonly float[] _last;
    private readonly float[] _filled;
    private readonly float[] _heldValues;
    private readonly int _most;
    private readonly long _usualMaxStep;
    private readonly Taking _take;
    private long? _time;
    private long _lastTime;
    private int _lastLabel;
    private long? _heldTime;        // time of a row that may be wrong, which the next row decides
    private int _heldLabel;
    private int _missed;
    private bool _isOpen;           // a row has arrived since the last gap

    /// <summary>Receives a row. A label of −1: none. <paramref name="isFirst"/>: no window spans the rows before it.</summary>
    public delegate void Taking(long time, ReadOnlySpan<float> values, int label, bool isFirst);

    /// <summary>Without a rate only a falling time is a gap. With 0 filled rows, incomplete rows are dropped, and are a gap only by their
    /// time. <paramref name="gap"/>: the longest step without one; null: 3.5 usual steps.</summary>
    public RowFilling(int channels, double? rowsPerSecond, int filledRows, TimeSpan? gap, Taking take)
    {
        (_last, _filled, _heldValues, _most, _take) = (new float[channels], new float[channels], new float[channels], filledRows, take);
        _usualMaxStep = gap is { } longest ? longest.Ticks * TimeSpan.NanosecondsPerTick
            : rowsPerSecond is { } rate ? (long)(GapRows * 1e9 / rate) : long.MaxValue;
    }

    public bool EachRow { get; set; }

    /// <summary>The longest step without a gap, of a device that has a rate of its own, in ns; null: that of the rate.</summary>
    public long? MaxStep { get; set; }

    internal long LastTime => _lastTime;

    public long Filled { get; private set; }

    public long LeftOut { get; private set; }

    public long Again { get; private set; }

    /// <summary>Rows whose time is earlier than that of the previous row.</summary>
    public long Fell { get; private set; }

    /// <summary>Dropped rows whose time is far from both neighbors.</summary>
    public long Stray { get; private set; }

    /// <summary>Returns true if a time is outside two ordered neighbors.</summary>
    public static bool IsStray(double before, double time, double after) => after >= before && (time < before || time > after);

    /// <summary>Values not finite or beyond 1e15 are missing. <paramref name="time"/>: in ns; null: evenly spaced rows.</summary>
    public void Add(long? time, ReadOnlySpan<float> values, int label)
    {
        if (EachRow)
        {
            if (IsWhole(values)) { Take(time ?? 0, values, label); }
            else { LeftOut++; }
            return;
        }

        if (_heldTime is { } held)
        {
            if (_time is { } last && time is { } after && IsStray(last, held, after))
            {
                (_heldTime, Stray) = (null, Stray + 1);
            }
            else { Release(); }
        }

        if (_time is { } known && time is { } next && (next < known || next - known > (MaxStep ?? _usualMaxStep)))
        {
            (_heldTime, _heldLabel) = (next, label);
            values.CopyTo(_heldValues);
            return;
        }

        Follow(time, values, label);
    }

    private void Release()
    {
        if (_heldTime is not { } held) { return; }
        _heldTime = null;
        Follow(held, _heldValues, _heldLabel);
    }

    private void Follow(long? time, ReadOnlySpan<float> values, int label)
    {
        if (time is not null && time == _time)
        {
            Again++;
            return;
        }

        if (time < _time) { Fell++; }
        if (time is { } now && _time is { } before && (now <= before || now - before > (MaxStep ?? _usualMaxStep))) { Part(); }
        if (!IsWhole(values))
        {
            _missed++;
            if (_most > 0) { _time = time; }        // otherwise the row is ignored
            return;
        }

        _time = time;
        Take(time ?? 0, values, label);
    }

    private static bool IsWhole(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!(MathF.Abs(value) < MaxValue)) { return false; }
        }

        return true;
    }

    /// <summary>Begins a new part that no window spans; drops rows waiting to be filled.</summary>
    public void Break()
    {
        Release();
        Part();
    }

    private void Part() => (LeftOut, _missed, _isOpen, _time) = (LeftOut + _missed, 0, false, null);

    internal void State(ref StateStream s)
    {
        s.Value(ref _time);
        s.Value(ref _lastTime);
        s.Value(ref _lastLabel);
        s.Value(ref _heldTime);
        s.Value(ref _heldLabel);
        s.Values<float>(_heldValues);
        s.Value(ref _missed);
        s.Value(ref _isOpen);
        s.Values<float>(_last);
    }

    private void Take(long time, ReadOnlySpan<float> values, int label)
    {
        if (_missed > _most && _most > 0) { Gap(); }
        if (_most == 0 || !_isOpen)
        {
            LeftOut += _missed;
            _missed = 0;
        }

        for (var i = 1; i <= _missed; i++)
        {
            for (var c = 0; c < values.Length; c++) { _filled[c] = _last[c] + ((values[c] - _last[c]) * i / (_missed + 1)); }
            Filled++;
            _take(_lastTime + ((time - _lastTime) * i / (_missed + 1)), _filled, _lastLabel == label ? label : -1, isFirst: false);
        }

        _take(time, values, label, isFirst: !_isOpen);
        (_missed, _isOpen, _lastTime, _lastLabel) = (0, true, time, label);
        values.CopyTo(_last);
    }

    private void Gap() => (LeftOut, _missed, _isOpen) = (LeftOut + _missed, 0, false);
}
