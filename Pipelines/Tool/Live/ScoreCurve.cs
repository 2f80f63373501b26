using StreamLearn.Tables;

namespace Tool;

/// <summary>The highest score of each of at most <see cref="MaxPoints"/> groups of rows; groups double when there are too many.</summary>
internal sealed class ScoreCurve
{
    private const int MaxPoints = 1000;

    private readonly List<(long Time, float Score, bool HasAlert)> _points = new(MaxPoints);
    private long _last = long.MinValue;
    private long _of = 1;       // rows of a point
    private long _rows;

    internal IReadOnlyList<(long Time, float Score, bool HasAlert)> Points => _points;

    /// <summary>True if times never fall.</summary>
    internal bool IsRising { get; private set; } = true;

    internal long RowsOfPoint => _of;

    internal void Add(in RowScore score)
    {
        IsRising &= score.Time >= _last;
        _last = score.Time;
        if (_rows++ % _of != 0)
        {
            var (time, highest, hasAlert) = _points[^1];
            _points[^1] = (time, Math.Max(highest, score.Score), hasAlert || score.IsAlert);
            return;
        }

        if (_points.Count == MaxPoints) { Halve(); }
        _points.Add((score.Time, score.Score, score.IsAlert));
    }

    private void Halve()
    {
        for (var i = 0; i < MaxPoints / 2; i++)
        {
            var (a, b) = (_points[2 * i], _points[(2 * i) + 1]);
            _points[i] = (a.Time, Math.Max(a.Score, b.Score), a.HasAlert || b.HasAlert);
        }

        _points.RemoveRange(MaxPoints / 2, MaxPoints / 2);
        _of *= 2;
    }
}
