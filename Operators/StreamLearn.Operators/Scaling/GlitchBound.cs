namespace StreamLearn.Operators;

/// <summary>
/// Decides how far a value of one channel counts in its running moments, so that a glitch does not spoil the scale for good.
/// </summary>
/// <remarks>
/// A value counts as far as 16 deviations from the mean, or four times as far as one ever lay that counted whole, if that is more; what
/// lies beyond counts as if it lay there. So a single glitch, however large, adds little; more than eight in a row are a level that has
/// really changed, and count whole. So does a level that comes back, such as of a valve that opens now and then: its third visit, if there
/// is one at least every 128 values. Where more than about one value in a thousand is a glitch, the deviation grows with them. Values of a
/// channel that never changed count whole: nothing is known of its scale. The first values are judged together when all of them are there,
/// by their median and median deviation; more than an eighth of them are no glitches. Values that all count whole have no effect here.
/// Source: Huber (1964), winsorizing; Rousseeuw, Croux (1993), the factor of the median deviation.
/// </remarks>
internal sealed class GlitchBound(int firstValues)
{
    /// <summary>Fewest values that are worth judging together.</summary>
    internal const int MinFirstValues = 32;

    /// <summary>How many times the bound a value lies away that is not a value of the sensor's at all, and is not to be learned from: a
    /// float32 sum that holds it keeps next to nothing of the others. In moments it counts as the mean.</summary>
    internal const double Absurd = 1e6;

    /// <summary>Values in a row that are taken for glitches; those after them are taken for a new level.</summary>
    internal const int LongestGlitch = 8;

    /// <summary>Visits of the same far level, after which it is a level of the channel's own.</summary>
    internal const int VisitsOfLevel = 3;

    private const int FirstPerGlitch = 8;       // more glitches than one in so many of the first values are none
    private const int ValuesPerVisit = 128;
    private const double LevelWidth = 0.25;     // of its distance from the mean
    private const double Deviations = 16;
    private const double Stretch = 4;
    private const double DeviationsOfMedian = 1.4826;

    private readonly float[] _first = new float[firstValues];
    private readonly float[] _firstKept = new float[firstValues];
    private double _farthest;       // that counted whole
    private int _inARow;            // that were cut
    private double _level;          // where values were cut last, again and again
    private long _visits;           // of that level

    /// <summary>Values taken.</summary>
    internal long Count { get; private set; }

    /// <summary>Mean of the values as they count.</summary>
    internal double Mean { get; private set; }

    /// <summary>Sum of their squared deviations.</summary>
    internal double M2 { get; private set; }

    /// <summary>The first values, as they count once all of them are there.</summary>
    internal ReadOnlySpan<float> First => _first;

    /// <summary>The first values, as they may be learned from once all of them are there: whole unless they are absurd.</summary>
    internal ReadOnlySpan<float> FirstKept => _firstKept;

    /// <summary>The value that was taken last, as it may be learned from: whole unless it is absurd. A real event may lie far
    /// out.</summary>
    internal float Kept { get; private set; }

    /// <summary>Those of the first values that were glitches; -1 until all of them are there.</summary>
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
        if (s.IsReading) { FirstGlitches = 0; }     // how many there were was asked when the last of them came
    }

    /// <summary>Takes values up to the first that is not finite, or is farther out than four times the farthest before it: all that are
    /// taken count whole.</summary>
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

    /// <summary>Takes a finite value, and gives what it counts as; one of the first counts whole so far.</summary>
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

    /// <summary>True if no value of some is farther out than four times the farthest before them: all of them count whole.</summary>
    internal bool IsUsual(double farthest)
    {
        if (!(farthest <= Stretch * _farthest)) { return false; }
        if (farthest > _farthest) { _farthest = farthest; }
        _inARow = 0;
        return true;
    }

    /// <summary>Gives what a finite value after the first counts as, beside the moments that are known; it is not added.</summary>
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

    /// <summary>True if a far value is one of a level that comes back often enough to be the channel's own. <paramref name="distance"/>:
    /// how far from the mean it lies. <paramref name="isFirst"/>: true if the value before it was none: it begins a visit.</summary>
    private bool ComesBack(double value, double distance, bool isFirst, long count)
    {
        var same = Math.Abs(value - _level) <= LevelWidth * distance;
        if (isFirst && !same && _visits <= 1) { (_level, _visits, same) = (value, 1, true); }
        else if (isFirst) { _visits += same ? 1 : -1; }
        return same && _visits >= VisitsOfLevel && _visits * ValuesPerVisit >= count;
    }

    /// <summary>Cuts glitches among the first values back, and counts them.</summary>
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

    /// <summary>Widens the bound of the first values if those beyond it are too many for glitches, or a level that comes back.</summary>
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
