namespace Aggregator;

/// <summary>An immutable snapshot, readable while the curve grows.</summary>
internal readonly record struct CurvePoints<T>(ReadOnlyMemory<T> Points, int Halvings, ReadOnlyMemory<T> Tail);

/// <summary>Bounded: a full curve merges its points in pairs.</summary>
internal sealed class Curve<T>(int most, Func<T, T, T> merge)
{
    private T[] _points = new T[most];      // entries below _count are never changed: snapshots share them
    private T[] _tail = [];
    private int _count;
    private int _merged;
    private int _stride = 1;
    private int _halvings;

    internal void Add(T point)
    {
        _tail = [_merged == 0 ? point : merge(_tail[0], point)];
        if (++_merged < _stride) { return; }
        _points[_count++] = _tail[0];
        (_tail, _merged) = ([], 0);
        if (_count == most) { Halve(); }
    }

    internal CurvePoints<T> ToPoints() => new(_points.AsMemory(0, _count), _halvings, _tail);

    private void Halve()
    {
        var halved = new T[most];
        for (var i = 0; i < most / 2; i++) { halved[i] = merge(_points[2 * i], _points[(2 * i) + 1]); }
        (_points, _count, _stride) = (halved, most / 2, _stride * 2);
        _halvings++;
    }
}
