namespace StreamLearn.Operators;

/// <summary>Points of event time at a fixed distance: point k is k periods after 1970, rounded down to nanoseconds.</summary>
/// <remarks>The period has 32 binary places behind the nanosecond: at 30 Hz, a grid of 55 years is 6 ns off at most.</remarks>
internal readonly struct TimeGrid(decimal nanoseconds)
{
    private const int Places = 32;

    private readonly Int128 _period = (Int128)decimal.Round(nanoseconds * (1L << Places));

    /// <summary>The time of a point, in nanoseconds.</summary>
    internal long TimeOf(long point) => (long)((point * _period) >> Places);

    /// <summary>The first point at or after a time.</summary>
    internal long FirstFrom(long time)
    {
        var point = (long)(((Int128)time << Places) / _period) - 1;
        while (TimeOf(point) < time) { point++; }
        return point;
    }
}

/// <summary>The usual step of the rows that come: the median of the last 15, renewed every 15 rows.</summary>
/// <remarks>Steps over gaps count too: a stream that goes on at a lower rate is followed after eight of them.</remarks>
internal sealed class UsualStep
{
    private const int Window = 15;

    private readonly long[] _steps = new long[Window];
    private readonly long[] _sorted = new long[Window];
    private long _count;

    /// <summary>Nanoseconds; 0 before the first step.</summary>
    internal long Median { get; private set; }

    internal void Add(long step)
    {
        _steps[_count++ % Window] = step;
        if (_count > Window && _count % Window != 0) { return; }
        var known = _sorted.AsSpan(0, (int)Math.Min(_count, Window));
        _steps.AsSpan(0, known.Length).CopyTo(known);
        known.Sort();
        Median = known[(known.Length - 1) / 2];
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _count);
        Median = s.Value(Median);
        s.Values<long>(_steps);
    }
}
