namespace StreamLearn.Tables;

/// <summary>Tells a level that rises or falls all along each recording, whatever its jitter: a counter, a charge, a clock.</summary>
internal sealed class RisingLevel
{
    private const int MinRows = 100;             // of a recording
    private const double MinTrend = 0.8;         // Kendall's correlation of means with their order; a correlation of 0.95
    private const double Steady = 0.999;         // correlation with a line, if there are few recordings
    private const int MinRecordings = 3;
    private const double MaxOdd = 0.05;          // share of recordings
    private const double MaxSpread = 0.1;        // of the level at which a class changes, relative to all levels

    private readonly List<(double Trend, double Line)> _recordings = [];
    private readonly List<(int From, int To, double Level, double Place)> _changes = [];
    private readonly List<double> _means = [];

    internal void Add(LevelMeans recording)
    {
        if (recording.Rows < MinRows) { return; }
        var means = recording.Means;
        var (trend, line) = (0.0, Correlation(means));
        for (var i = 0; i < means.Length; i++)
        {
            for (var j = 0; j < i; j++) { trend += Math.Sign(means[i] - means[j]); }
        }

        _recordings.Add((trend / (means.Length * (means.Length - 1) / 2.0), line));
        _changes.AddRange(recording.Changes.Select(c => (c.From, c.To, c.Level, c.Row / (double)recording.Rows)));
        _means.AddRange(means);
    }

    /// <summary>Returns true if the level rises all along nearly all recordings, or falls.</summary>
    internal bool IsRising => IsAlong(static r => r.Trend, MinTrend);

    /// <summary>Returns true if it could be a clock as well: it is steady, or rises in several recordings, and does not decide when a class
    /// begins.</summary>
    internal bool IsClock => IsRising && (_recordings.Count >= MinRecordings || IsAlong(static r => r.Line, Steady)) && !DecidesClass;

    private bool IsAlong(Func<(double Trend, double Line), double> of, double least)
    {
        var sign = _recordings.Sum(static r => Math.Sign(r.Trend));
        return sign != 0 && _recordings.Count(r => of(r) * Math.Sign(sign) < least) <= MaxOdd * _recordings.Count;
    }

    /// <summary>True if classes begin at the same levels in all recordings, but at different times, as those of wear do.</summary>
    private bool DecidesClass
    {
        get
        {
            var changes = _changes.GroupBy(static c => (c.From, c.To)).Select(static g => g.ToList()).ToList();
            if (changes.Count == 0 || changes.Exists(static c => c.Count < MinRecordings)) { return false; }
            var level = changes.Max(static c => Deviation(c.Select(static c => c.Level))) / Deviation(_means);
            var place = changes.Max(static c => Deviation(c.Select(static c => c.Place))) * Math.Sqrt(12);
            return level < MaxSpread && level < place / 2;
        }
    }

    /// <summary>Returns the correlation with their order.</summary>
    internal static double Correlation(double[] means)
    {
        var (mean, middle) = (means.Average(), (means.Length - 1) / 2.0);
        var (xy, xx, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < means.Length; i++)
        {
            var (x, y) = (i - middle, means[i] - mean);
            (xy, xx, yy) = (xy + (x * y), xx + (x * x), yy + (y * y));
        }

        return yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }

    private static double Deviation(IEnumerable<double> values)
    {
        var all = values.ToList();
        var mean = all.Average();
        return Math.Sqrt(all.Average(v => (v - mean) * (v - mean)));
    }
}

/// <summary>Means of equally many values of a recording, and where its class changes.</summary>
internal sealed class LevelMeans
{
    private const int Most = 40;
    private const int MaxChanges = 200;
    private const double Newest = 1 / 8.0;       // share of the newest value in the level

    private readonly List<double> _means = [];
    private int _size = 1;
    private int _count;
    private double _sum;
    private double _level;
    private int _label = -1;

    internal int Rows { get; private set; }

    internal List<(int From, int To, double Level, int Row)> Changes { get; } = [];

    internal double[] Means => [.. _means];

    /// <summary>Adds a finite value. <paramref name="label"/>: −1 for none.</summary>
    internal void Add(double value, int label)
    {
        if (label >= 0)
        {
            if (_label >= 0 && label != _label && Changes.Count < MaxChanges) { Changes.Add((_label, label, _level, Rows)); }
            _label = label;
        }

        _level = Rows++ == 0 ? value : _level + (Newest * (value - _level));
        _sum += value;
        if (++_count < _size) { return; }
        _means.Add(_sum / _size);
        (_sum, _count) = (0, 0);
        if (_means.Count < Most) { return; }
        for (var i = 0; i < Most / 2; i++) { _means[i] = (_means[2 * i] + _means[(2 * i) + 1]) / 2; }
        _means.RemoveRange(Most / 2, Most / 2);
        _size *= 2;
    }
}
