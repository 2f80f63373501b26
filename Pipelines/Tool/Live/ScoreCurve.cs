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

        if (_points.Count == MaxPoints)
        {
            (long Time, float, bool)[] halves = [.. _points.Chunk(2).Select(static p =>
                (p[0].Time, Math.Max(p[0].Score, p[1].Score), p[0].HasAlert || p[1].HasAlert))];
            _points.Clear();
            _points.AddRange(halves);
            _of *= 2;
        }

        _points.Add((score.Time, score.Score, score.IsAlert));
    }
}
