namespace StreamLearn.Tables;

/// <summary>Rows of one device at the rate of all, for learning and answering: the first rows show the device's own rate. Rows at about the
/// common one are kept as they are; where more than a tenth is missing between them, those are interpolated. Others are replaced by means,
/// over each step of the common rate, of the lines between them; their labels are those of the nearest row.</summary>
/// <remarks>A gap is that number of the device's own rows. Rows of bursts are spread evenly. A device so slow that each step is a gap at
/// the common rate is kept as it is: its windows never fill.</remarks>
internal sealed class PacedRows
{
    /// <summary>The relative difference from which rates are different ones.</summary>
    internal const double SameRate = 0.1;

    private const int Block = 16;               // rows that show a rate
    private const int MinSteps = 3;
    private const double OtherRate = 0.25;      // relative deviation of a later block from the device's step, which changes it
    private const double MinLate = 0.75;        // steps after which a row is missing
    private const int Follow = 4;               // share of a deviation by which later rows are expected
    private const double Covered = 1.25;        // steps after the last row: its own, and what its time may be off
    private const long None = long.MinValue;

    private readonly RowFilling.Taking _take;
    private readonly double _period;            // ns; 0: rows are taken as they come
    private readonly int _channels;
    private readonly long[] _times = new long[Block];       // of the first rows
    private readonly int[] _labels = new int[Block];
    private readonly float[] _values;
    private readonly double[] _steps = new double[Block];
    private readonly float[] _last;
    private readonly float[] _between;
    private readonly double[] _sum;
    private int _firsts;
    private int _stepCount;
    private double _step;           // of the device, in ns; 0: not known
    private double _pause;          // between bursts, in ns; 0: none
    private bool _lacksRows;
    private long _raw;              // time of the last row, as it came
    private long _even;             // its time, spread evenly
    private long _lastTime;
    private int _lastLabel;
    private double _due;            // ns after the last row at which the next is expected
    private long _begin = None;     // of the steps of the common rate
    private long _made;
    private int _label;
    private bool _isMeaning;        // means replace rows
    private bool _begins;           // the next mean begins a part

    /// <summary><paramref name="rowsPerSecond"/>: the common rate. <paramref name="gap"/>: of rows with arrival times, which are taken as
    /// they come.</summary>
    public PacedRows(int channels, double? rowsPerSecond, int filledRows, TimeSpan? gap, RowFilling.Taking take)
    {
        (_channels, _take, _values) = (channels, take, new float[Block * channels]);
        (_last, _between, _sum) = (new float[channels], new float[channels], new double[channels]);
        _period = gap is null && rowsPerSecond is { } rate ? 1e9 / rate : 0;
        Filling = new(channels, rowsPerSecond, filledRows, gap, Take);
    }

    internal static bool IsSame(double rate, double other) => Math.Abs(rate - other) <= SameRate * Math.Min(rate, other);

    /// <summary>What was filled in and left out.</summary>
    public RowFilling Filling { get; }

    /// <summary>True if rows are independent, whatever their time. Default false.</summary>
    public bool EachRow { get => Filling.EachRow; init => Filling.EachRow = value; }

    public long Between { get; private set; }

    /// <summary>The device's own rows a second, if means replace them; otherwise null.</summary>
    public double? Resampled => _isMeaning ? 1e9 / _step : null;

    /// <summary><paramref name="time"/>: in ns; null: evenly spaced rows.</summary>
    public void Add(long? time, ReadOnlySpan<float> values, int label)
    {
        if (_period == 0 || EachRow || time is not { } at)
        {
            Filling.Add(time, values, label);
            return;
        }

        if (_step == 0)
        {
            (_times[_firsts], _labels[_firsts]) = (at, label);
            values.CopyTo(_values.AsSpan(_channels * _firsts));
            if (++_firsts == Block) { Begin(); }
            return;
        }

        Step(at - _raw);
        if (_stepCount == Block) { Look(); }
        Even(at, values, label);
    }

    /// <summary>Begins a new part that no window spans.</summary>
    public void Break()
    {
        if (_firsts > 0) { Begin(); }
        Filling.Break();
        Finish();
        (_step, _isMeaning, _stepCount, _begin) = (0, false, 0, None);
    }

    internal void State(ref StateStream s)
    {
        Filling.State(ref s);
        if (s.IsReading && s.Format == FillRows.BeforeRates)
        {
            Set(new(_period, 0, false));
            (_lastTime, _raw, _even, _due) = (Filling.LastTime, Filling.LastTime, Filling.LastTime, _period);
            return;
        }

        s.Value(ref _firsts, 0, Block - 1);
        s.Values<long>(_times);
        s.Values<int>(_labels);
        s.Values<float>(_values);
        s.Value(ref _stepCount, 0, Block - 1);
        s.Values<double>(_steps);
        s.Values<float>(_last);
        s.Values<double>(_sum);
        s.Value(ref _step);
        s.Value(ref _pause);
        s.Value(ref _lacksRows);
        s.Value(ref _raw);
        s.Value(ref _even);
        s.Value(ref _lastTime);
        s.Value(ref _lastLabel);
        s.Value(ref _due);
        s.Value(ref _begin);
        s.Value(ref _made);
        s.Value(ref _label);
        s.Value(ref _isMeaning);
        s.Value(ref _begins);
        Filling.MaxStep = MaxStep;
    }

    private long? MaxStep => _step == 0 || !(_isMeaning || _pause > 0) ? null : (long)Math.Max(RowFilling.GapRows * _step, 1.75 * _pause);

    private void Step(long step)
    {
        if (step > 0) { _steps[_stepCount++] = step; }
    }

    private void Begin()
    {
        for (var i = 1; i < _firsts; i++) { Step(_times[i] - _times[i - 1]); }
        Set(_stepCount < MinSteps ? new(_period, 0, false) : StepLength.Of(_steps[.._stepCount]));
        (_raw, _even, _stepCount) = (_times[0], _times[0], 0);
        for (var i = 0; i < _firsts; i++) { Even(_times[i], _values.AsSpan(i * _channels, _channels), _labels[i]); }
        _firsts = 0;
    }

    private void Look()
    {
        var now = StepLength.Of(_steps);
        _stepCount = 0;
        _lacksRows = now.LacksRows;
        if (Math.Abs(now.Step - _step) <= OtherRate * _step && now.Pause > 0 == _pause > 0) { return; }
        Set(now);
        (_due, _begin, _made, _begins) = (_step, _lastTime, 0, false);
        Array.Clear(_sum);
    }

    private void Set(Pace own)
    {
        (_step, _pause, _lacksRows) = own;
        _isMeaning = !IsSame(_step, _period) && _step <= RowFilling.GapRows * _period;
        if (!_isMeaning && _step > RowFilling.GapRows * _period) { _pause = 0; }
        Filling.MaxStep = MaxStep;
    }

    /// <summary>Spreads the rows of a burst from its first.</summary>
    private void Even(long time, ReadOnlySpan<float> values, int label)
    {
        var isWithin = _pause > 0 && time >= _raw && time - _raw < _pause / 2;
        _even = isWithin ? _even + (long)_step : time > _raw ? Math.Max(time, _even + 1) : time;
        _raw = time;
        Filling.Add(_even, values, label);
    }

    private void Take(long time, ReadOnlySpan<float> values, int label, bool isFirst)
    {
        if (_step == 0 || _step > RowFilling.GapRows * _period) { _take(time, values, label, isFirst); }
        else if (_isMeaning) { Mean(time, values, label, isFirst); }
        else { Pass(time, values, label, isFirst); }
        (_lastTime, _lastLabel) = (time, label);
        values.CopyTo(_last);
    }

    private void Pass(long time, ReadOnlySpan<float> values, int label, bool isFirst)
    {
        if (isFirst) { _due = _step; }
        else
        {
            var (late, missing) = (time - _lastTime - _due, 0);
            for (; late > MinLate * _step; late -= _step) { missing++; }
            for (var i = 1; i <= missing && _lacksRows; i++)
            {
                var share = i / (missing + 1.0);
                for (var c = 0; c < _channels; c++) { _between[c] = (float)(_last[c] + ((values[c] - _last[c]) * share)); }
                _take(_lastTime + (long)((time - _lastTime) * share), _between, share <= 0.5 ? _lastLabel : label, isFirst: false);
                Between++;
            }

            _due = _step - late + (late / Follow);
        }

        _take(time, values, label, isFirst);
    }

    private void Mean(long time, ReadOnlySpan<float> values, int label, bool isFirst)
    {
        if (isFirst)
        {
            Finish();
            (_begin, _made, _begins) = (time, 0, true);
            Array.Clear(_sum);
            return;
        }

        var (from, step) = ((double)(_lastTime - _begin), (double)(time - _lastTime));
        while (true)
        {
            var (middle, end) = ((_made + 0.5) * _period, (_made + 1) * _period);
            var to = Math.Min(end, time - _begin);
            var center = ((from + to) / 2) - (_lastTime - _begin);
            for (var c = 0; c < _channels; c++) { _sum[c] += (_last[c] + ((values[c] - (double)_last[c]) * center / step)) * (to - from); }
            if (middle >= from && middle <= to) { _label = middle - (_lastTime - _begin) <= step / 2 ? _lastLabel : label; }
            if (end > time - _begin) { return; }
            for (var c = 0; c < _channels; c++) { _between[c] = (float)(_sum[c] / _period); }
            Array.Clear(_sum);
            _take(_begin + (long)middle, _between, _label, _begins);
            (from, _made, _begins) = (end, _made + 1, false);
        }
    }

    /// <summary>Makes the last means of a part: its last row lasts for a step of the device.</summary>
    private void Finish()
    {
        if (!_isMeaning || _begin == None) { return; }
        var made = Math.Floor((_lastTime - _begin + (Covered * _step)) / _period);
        if (made > _made) { Mean(_begin + (long)Math.Ceiling(made * _period), _last, _lastLabel, isFirst: false); }
    }
}
