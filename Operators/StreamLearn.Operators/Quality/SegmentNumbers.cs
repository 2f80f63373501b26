namespace StreamLearn.Operators;

internal sealed class SegmentNumbers(TimeSpan? gap)
{
    private readonly long _gap = EventClock.Nanoseconds(gap ?? TimeSpan.MaxValue);
    private long? _lastGood;
    private int _segment;

    internal void State(ref StateStream s)
    {
        s.Value(ref _lastGood);
        s.Value(ref _segment);
    }

    internal int Write(ReadOnlySpan<long> times, ReadOnlySpan<RowFault> faults, Span<int> segments)
    {
        var gaps = 0;
        for (var row = 0; row < faults.Length; row++)
        {
            if (faults[row] != RowFault.None) { continue; }
            if (times[row] - _lastGood > _gap)
            {
                _segment++;
                gaps++;
            }

            (_lastGood, segments[row]) = (times[row], _segment);
        }

        return gaps;
    }
}
