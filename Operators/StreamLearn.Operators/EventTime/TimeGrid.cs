namespace StreamLearn.Operators;

/// <summary>Point k is k periods after 1970, rounded down to nanoseconds.</summary>
/// <remarks>With 32 fractional bits, the error at 30 Hz is at most 6 ns over 55 years.</remarks>
internal readonly struct TimeGrid(decimal nanoseconds)
{
    private const int Places = 32;

    private readonly Int128 _period = (Int128)decimal.Round(nanoseconds * (1L << Places));

    internal long TimeOf(long point) => (long)((point * _period) >> Places);

    internal long FirstFrom(long time)
    {
        var point = (long)(((Int128)time << Places) / _period) - 1;
        while (TimeOf(point) < time) { point++; }
        return point;
    }
}

/// <summary>Median of the last 15 steps, updated every 15 rows.</summary>
/// <remarks>Steps over gaps count too, so a lower rate is adopted after eight of them.</remarks>
internal sealed class UsualStep
{
    private const int Window = 15;

    private readonly long[] _steps = new long[Window];
    private readonly long[] _sorted = new long[Window];
    private long _count;

    /// <summary>The median in nanoseconds; 0 before the first step.</summary>
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
