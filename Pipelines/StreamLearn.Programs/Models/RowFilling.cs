namespace StreamLearn.Programs;

/// <summary>Rows of one device in their order: those that lack a value are filled in between their neighbors, and what no window may span
/// is found. Learning from files and answering have it in common.</summary>
/// <remarks>A gap is a step of more than 3.5 usual ones, a time that falls, or more rows with missing values than are filled in. A row
/// whose time is before or after those of both its neighbors, which follow each other, has a wrong stamp: it is left out, and is no
/// gap.</remarks>
public sealed class RowFilling
{
    /// <summary>Values of a channel are less: more is no reading, and its square would be no number.</summary>
    public const float MaxValue = 1e15f;

    private const double GapRows = 3.5;

    private readonly float[] _last;
    private readonly float[] _filled;
    private readonly float[] _heldValues;
    private readonly int _most;
    private readonly long _maxStep;
    private readonly Taking _take;
    private long? _time;
    private long _lastTime;
    private int _lastLabel;
    private long? _heldTime;        // of a row whose time may be wrong: the next row tells
    private int _heldLabel;
    private int _missed;
    private bool _isOpen;           // a row has come since the last gap

    /// <summary>Takes a row: its time, its values, and its class, −1: none; true where a recording begins with it.</summary>
    /// <param name="time">The time.</param>
    /// <param name="values">The values.</param>
    /// <param name="label">The class.</param>
    /// <param name="isFirst">True: no window spans what was before.</param>
    public delegate void Taking(long time, ReadOnlySpan<float> values, int label, bool isFirst);

    /// <param name="channels">Values of a row.</param>
    /// <param name="rowsPerSecond">Rows a second; null: not known, and only a time that falls is a gap.</param>
    /// <param name="filledRows">Rows in a row that are filled in at most; 0: those that lack a value are left out, and are a gap only if
    /// their time is one.</param>
    /// <param name="gap">The longest step that is no gap; null: 3.5 usual ones.</param>
    /// <param name="take">Takes the rows that are whole or were filled in.</param>
    public RowFilling(int channels, double? rowsPerSecond, int filledRows, TimeSpan? gap, Taking take)
    {
        (_last, _filled, _heldValues, _most, _take) = (new float[channels], new float[channels], new float[channels], filledRows, take);
        _maxStep = gap is { } longest ? longest.Ticks * TimeSpan.NanosecondsPerTick
            : rowsPerSecond is { } rate ? (long)(GapRows * 1e9 / rate) : long.MaxValue;
    }

    /// <summary>True: each row is taken by itself, whatever its time, unless it lacks a value. Default false.</summary>
    public bool EachRow { get; init; }

    /// <summary>Rows that were filled in.</summary>
    public long Filled { get; private set; }

    /// <summary>Rows with missing values that were left out.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Rows with the time of the one before, which are left out.</summary>
    public long Again { get; private set; }

    /// <summary>Rows whose time falls.</summary>
    public long Fell { get; private set; }

    /// <summary>Rows whose time is far from those of both neighbors, which are left out.</summary>
    public long Stray { get; private set; }

    /// <summary>True if a time lies before or after two others that follow each other.</summary>
    /// <param name="before">The time of the row before.</param>
    /// <param name="time">The time.</param>
    /// <param name="after">That of the row after it.</param>
    public static bool IsStray(double before, double time, double after) => after >= before && (time < before || time > after);

    /// <summary>A row comes. Values that are no numbers or beyond 1e15 are missing.</summary>
    /// <param name="time">Its time in ns; null: rows come evenly.</param>
    /// <param name="values">Its values.</param>
    /// <param name="label">Its class; −1: none.</param>
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

        if (_time is { } known && time is { } next && (next < known || next - known > _maxStep))
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
        if (time is { } now && _time is { } before && (now <= before || now - before > _maxStep)) { Part(); }
        if (!IsWhole(values))
        {
            _missed++;
            if (_most > 0) { _time = time; }        // else it is as if the row were not there
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

    /// <summary>No window spans what was before and what comes; rows that wait to be filled in are left out.</summary>
    public void Break()
    {
        Release();
        Part();
    }

    private void Part() => (LeftOut, _missed, _isOpen, _time) = (LeftOut + _missed, 0, false, null);

    /// <summary>What is kept between rows, in a checkpoint.</summary>
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
