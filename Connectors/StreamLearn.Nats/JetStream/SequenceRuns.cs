namespace StreamLearn.Nats;

/// <summary>A set of numbers that mostly follow one another, kept as runs. It is bounded: beyond, the lowest are forgotten.</summary>
internal sealed class SequenceRuns
{
    private const int MaxRuns = 8192;
    private readonly List<(ulong From, ulong To)> _runs = [];       // ascending, never touching

    /// <summary>Runs that are kept.</summary>
    internal int Count => _runs.Count;

    internal bool Contains(ulong number)
    {
        var after = After(number);
        return after > 0 && _runs[after - 1].To >= number;
    }

    internal void Add(ulong number)
    {
        var after = After(number);
        if (after > 0 && _runs[after - 1].To >= number) { return; }
        var joinsBefore = after > 0 && _runs[after - 1].To == number - 1;
        var joinsAfter = after < _runs.Count && _runs[after].From == number + 1;
        if (joinsBefore && joinsAfter)
        {
            _runs[after - 1] = (_runs[after - 1].From, _runs[after].To);
            _runs.RemoveAt(after);
        }
        else if (joinsBefore) { _runs[after - 1] = (_runs[after - 1].From, number); }
        else if (joinsAfter) { _runs[after] = (number, _runs[after].To); }
        else
        {
            _runs.Insert(after, (number, number));
            if (_runs.Count > MaxRuns) { _runs.RemoveRange(0, MaxRuns / 2); }
        }
    }

    internal void Clear() => _runs.Clear();

    /// <summary>The first run that begins after a number.</summary>
    private int After(ulong number)
    {
        if (_runs.Count == 0 || _runs[^1].From <= number) { return _runs.Count; }
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].From > number) { high = middle; }
            else { low = middle + 1; }
        }

        return low;
    }
}
