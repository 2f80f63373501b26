namespace StreamLearn.Learning;

/// <summary>The mean over a window that grows while the mean is steady and drops the values before a change.</summary>
/// <remarks>State: sums of buckets of 1, 2, 4, … values, at most six per size. Cost: O(1) amortized, O(log n) every 32 values. Source:
/// ADWIN, Bifet and Gavaldà (2007), with the variance bound of section 3.</remarks>
internal sealed class AdaptiveWindow(double delta) : IDriftStatistic
{
    private const int PerSize = 5;           // buckets per size; one more, and the two oldest are merged
    private const int Sizes = 40;            // 2^39 values × 6 buckets: more than any stream has
    private const int CheckEvery = 32;
    private const int MinPart = 5;

    private readonly double[] _sums = new double[Sizes * (PerSize + 1)];       // by size, oldest first
    private readonly double[] _deviations = new double[Sizes * (PerSize + 1)];
    private readonly int[] _counts = new int[Sizes];
    private int _used;          // used sizes
    private long _width;
    private double _sum;
    private double _deviation;
    private int _sinceCheck;

    internal const long Bytes = 64 + (Sizes * (PerSize + 1) * 2L * sizeof(double)) + (Sizes * sizeof(int));

    internal long Width => _width;

    /// <summary>Sum of squared deviations.</summary>
    internal double Deviation => _deviation;

    public double Mean => _width == 0 ? 0 : _sum / _width;

    public DriftLevel Add(double value)
    {
        if (_width > 0) { _deviation += _width * Square(value - Mean) / (_width + 1); }
        (_width, _sum) = (_width + 1, _sum + value);
        Insert(value);
        if (++_sinceCheck < CheckEvery) { return DriftLevel.Steady; }
        _sinceCheck = 0;
        var hasCut = false;
        while (_width > 2 * MinPart && HasChanged())
        {
            DropOldest();
            hasCut = true;
        }

        return hasCut ? DriftLevel.Drift : DriftLevel.Steady;
    }

    public void State(ref StateStream s)
    {
        s.Values<double>(_sums);
        s.Values<double>(_deviations);
        s.Values<int>(_counts);
        s.Value(ref _used, 0, Sizes);
        s.Value(ref _width);
        s.Value(ref _sum);
        s.Value(ref _deviation);
        s.Value(ref _sinceCheck, 0, CheckEvery - 1);
        if (s.IsReading) { CheckCounts(); }
    }

    private void CheckCounts()
    {
        var held = 0L;
        for (var size = 0; size < Sizes; size++)
        {
            var count = _counts[size];
            if (count is < 0 or > PerSize || (count > 0 && size >= _used))
            {
                throw new StateException($"expected 0 to {PerSize} buckets of a size, got {count}");
            }

            held += (long)count << size;
        }

        if (held != _width) { throw new StateException($"expected {held} values in the window, got {_width}"); }
    }

    private static double Square(double value) => value * value;

    private static int At(int size, int place) => (size * (PerSize + 1)) + place;

    private void Insert(double value)
    {
        var (sum, deviation) = (value, 0.0);
        for (var size = 0; ; size++)
        {
            if (size == _used) { _used++; }
            var place = _counts[size]++;
            (_sums[At(size, place)], _deviations[At(size, place)]) = (sum, deviation);
            if (_counts[size] <= PerSize) { return; }
            var (first, second) = (At(size, 0), At(size, 1));
            var half = (double)(1L << size);
            sum = _sums[first] + _sums[second];
            deviation = _deviations[first] + _deviations[second] + (Square(_sums[first] - _sums[second]) / (2 * half));
            Remove(size, 2);
        }
    }

    private void Remove(int size, int count)
    {
        var left = _counts[size] -= count;
        var from = At(size, 0);
        _sums.AsSpan(from + count, left).CopyTo(_sums.AsSpan(from));
        _deviations.AsSpan(from + count, left).CopyTo(_deviations.AsSpan(from));
    }

    private void DropOldest()
    {
        var size = _used - 1;
        var (count, sum, deviation) = (1L << size, _sums[At(size, 0)], _deviations[At(size, 0)]);
        Remove(size, 1);
        while (_used > 0 && _counts[_used - 1] == 0) { _used--; }
        (_width, _sum) = (_width - count, _sum - sum);
        var between = _width == 0 ? 0 : count * (double)_width * Square((sum / count) - Mean) / (count + _width);
        _deviation = Math.Max(0, _deviation - deviation - between);
    }

    private bool HasChanged()
    {
        var (before, sumBefore) = (0L, 0.0);
        var variance = _deviation / _width;
        var confidence = Math.Log(2 * Math.Log(_width) / delta);
        for (var size = _used - 1; size >= 0; size--)
        {
            for (var place = 0; place < _counts[size]; place++)
            {
                (before, sumBefore) = (before + (1L << size), sumBefore + _sums[At(size, place)]);
                var after = _width - before;
                if (after < MinPart) { return false; }
                if (before < MinPart) { continue; }
                var inverse = (1.0 / before) + (1.0 / after);
                var bound = Math.Sqrt(2 * inverse * variance * confidence) + (2.0 / 3 * inverse * confidence);
                if (Math.Abs((sumBefore / before) - ((_sum - sumBefore) / after)) >= bound) { return true; }
            }
        }

        return false;
    }
}
