namespace StreamLearn.Operators;

/// <summary>Clips the values of a channel in its running moments, so that a glitch does not spoil the scale permanently.</summary>
/// <remarks> The bound is 16 deviations from the mean, or four times the farthest unclipped value if greater. More than eight far values in
/// a row are a new level and are not clipped; nor is a level at its third visit, if a visit occurs at least every 128 values. If more than
/// about one value in a thousand is a glitch, the deviation grows. A constant channel has no scale, so its values are not clipped. The
/// first values are examined together, by median and median deviation; if more than an eighth are far, they are not glitches. Source: Huber
/// (1964), winsorizing; Rousseeuw, Croux (1993), for the factor of the median deviation. </remarks>
internal sealed class GlitchBound(int firstValues)
{
    /// <summary>Minimum number of first values that are examined together.</summary>
    internal const int MinFirstValues = 32;

    /// <summary>Multiple of the bound beyond which a value is not learned, because it would dominate float32 sums. In moments it counts as
    /// the mean.</summary>
    internal const double Absurd = 1e6;

    /// <summary>A longer run of far values is a new level.</summary>
    internal const int LongestGlitch = 8;

    /// <summary>Visits after which a far level belongs to the channel.</summary>
    internal const int VisitsOfLevel = 3;

    private const int FirstPerGlitch = 8;       // if more than one in eight of the first values is far, none is a glitch
    private const int ValuesPerVisit = 128;
    private const double LevelWidth = 0.25;     // width of a level, relative to its distance from the mean
    private const double Deviations = 16;
    private const double Stretch = 4;
    private const double DeviationsOfMedian = 1.4826;

    private readonly float[] _first = new float[firstValues];
    private readonly float[] _firstKept = new float[firstValues];
    private double _farthest;       // farthest value that was not clipped
    private int _inARow;            // number of consecutive clipped values
    private double _level;          // level of the last clipped values
    private long _visits;           // number of visits to that level

    internal long Count { get; private set; }

    internal double Mean { get; private set; }

    internal double M2 { get; private set; }

    /// <summary>The first values, clipped once they are complete.</summary>
    internal ReadOnlySpan<float> First => _first;

    /// <summary>The first values for learning, once they are complete: not clipped unless absurd.</summary>
    internal ReadOnlySpan<float> FirstKept => _firstKept;

    /// <summary>The last value for learning: not clipped unless absurd, because a real event may be far from the mean.</summary>
    internal float Kept { get; private set; }

    /// <summary>Glitches among the first values; −1 until they are complete.</summary>
    internal int FirstGlitches { get; private set; } = -1;

    internal void State(ref StateStream s)
    {
        (Count, Mean, M2) = (s.Value(Count), s.Value(Mean), s.Value(M2));
        if (Count < 0) { throw new StateException($"expected 0 values or more, got {Count}"); }
        if (Count < firstValues)
        {
            s.Values(_first.AsSpan(0, (int)Count));
            return;
        }

        s.Value(ref _farthest);
        s.Value(ref _inARow);
        s.Value(ref _level);
        s.Value(ref _visits);
        if (s.IsReading) { FirstGlitches = 0; }     // needed only when the first values became complete
    }

    /// <summary>Adds values until one is not finite or is more than four times as far from the mean as any before.</summary>
    internal int TakeUsual(ReadOnlySpan<float> values)
    {
        if (Count < firstValues) { return 0; }
        var (count, mean, m2, farthest, taken) = (Count, Mean, M2, _farthest, 0);
        for (; taken < values.Length; taken++)
        {
            var difference = values[taken] - mean;
            var distance = Math.Abs(difference);
            if (!(distance <= Stretch * farthest)) { break; }
            if (distance > farthest) { farthest = distance; }
            count++;
            mean += difference * (1.0 / count);
            m2 += difference * (values[taken] - mean);
        }

        if (taken == 0) { return 0; }
        (Count, Mean, M2, _farthest, _inARow) = (count, mean, m2, farthest, 0);
        return taken;
    }

    /// <summary>Returns the clipped value; the first values are not clipped yet.</summary>
    internal float Take(float value)
    {
        Kept = value;
        if (Count < firstValues)
        {
            _first[Count] = value;
            Add(value);
            if (Count == firstValues) { FirstGlitches = Judge(); }
            return value;
        }

        value = Weigh(value, Count, Mean, M2);
        Add(value);
        return value;
    }

    /// <summary>Returns true if no value is more than four times as far from the mean as any before.</summary>
    internal bool IsUsual(double farthest)
    {
        if (!(farthest <= Stretch * _farthest)) { return false; }
        if (farthest > _farthest) { _farthest = farthest; }
        _inARow = 0;
        return true;
    }

    /// <summary>Clips a finite value after the first ones without adding it.</summary>
    internal float Weigh(float value, long count, double mean, double m2)
    {
        Kept = value;
        var distance = Math.Abs(value - mean);
        var far = distance > Stretch * _farthest && m2 > 0 && distance * distance * count > Deviations * Deviations * m2;
        _inARow = far ? _inARow + 1 : 0;
        var bound = Math.Max(Deviations * Math.Sqrt(m2 / count), Stretch * _farthest);
        var absurd = distance > Absurd * bound;
        if (far && _inARow <= LongestGlitch && (absurd || !ComesBack(value, distance, _inARow == 1, count)))
        {
            value = (float)(mean + Math.CopySign(bound, value - mean));
            if (absurd) { (Kept, value) = (value, (float)mean); }
        }
        else { _farthest = Math.Max(_farthest, distance); }

        return value;
    }

    /// <summary>Returns true if the level of a far value recurs so often that it belongs to the channel. <paramref name="isFirst"/>: the
    /// value begins a visit.</summary>
    private bool ComesBack(double value, double distance, bool isFirst, long count)
    {
        var same = Math.Abs(value - _level) <= LevelWidth * distance;
        if (isFirst && !same && _visits <= 1) { (_level, _visits, same) = (value, 1, true); }
        else if (isFirst) { _visits += same ? 1 : -1; }
        return same && _visits >= VisitsOfLevel && _visits * ValuesPerVisit >= count;
    }

    private int Judge()
    {
        var sorted = (float[])_first.Clone();
        var median = MedianOf(sorted);
        for (var i = 0; i < sorted.Length; i++) { sorted[i] = (float)Math.Abs(_first[i] - median); }
        var bound = WithLevels(median, Deviations * DeviationsOfMedian * MedianOf(sorted));
        _first.CopyTo(_firstKept, 0);
        var glitches = 0;
        for (var i = 0; bound > 0 && i < _first.Length; i++)
        {
            var distance = Math.Abs(_first[i] - median);
            if (distance <= bound) { continue; }
            _first[i] = (float)(median + Math.CopySign(bound, _first[i] - median));
            if (distance > Absurd * bound) { (_firstKept[i], _first[i]) = (_first[i], (float)median); }
            glitches++;
        }

        Kept = _firstKept[^1];
        if (glitches > 0)
        {
            (Count, Mean, M2) = (0, 0, 0);
            foreach (var value in _first) { Add(value); }
        }

        foreach (var value in _first)
        {
            if (bound == 0 || Math.Abs(value - median) < bound) { _farthest = Math.Max(_farthest, Math.Abs(value - Mean)); }
        }

        return glitches;
    }

    /// <summary>Widens the bound if the far values among the first are too many for glitches, or are a recurring level.</summary>
    private double WithLevels(double median, double bound)
    {
        var (beyond, areLevels, before, farthest) = (0, false, false, bound);
        foreach (var value in _first)
        {
            var distance = Math.Abs(value - median);
            var far = distance > bound && distance <= Absurd * bound;
            if (far)
            {
                farthest = Math.Max(farthest, distance);
                areLevels |= ++beyond * FirstPerGlitch > _first.Length || ComesBack(value, distance, !before, _first.Length);
            }

            before = far;
        }

        return areLevels ? farthest : bound;
    }

    private void Add(double value)
    {
        Count++;
        var difference = value - Mean;
        Mean += difference * (1.0 / Count);
        M2 += difference * (value - Mean);
    }

    private static double MedianOf(float[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + (double)values[values.Length / 2]) / 2;
    }
}
