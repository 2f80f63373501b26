using System.Numerics;

namespace StreamLearn.Nats;

/// <summary>
/// Messages of a stream that were acknowledged, by number and time: a server that is killed may give numbers anew, to messages that have
/// not been seen. It remembers some ten thousand; one that it has forgotten is one that was never seen.
/// </summary>
internal sealed class SettledMessages
{
    private const int Set = 8;              // places of a number; numbers that follow one another share them
    private const int Least = 256, Most = 32768;
    private (ulong Sequence, long Nanoseconds)[] _entries = [];
    private int _added;     // since it grew

    internal bool Contains(ulong sequence, long nanoseconds) => _entries.Length > 0 && SetOf(sequence).Contains((sequence, nanoseconds));

    /// <summary>The same for a time that was read from text, which is less exact.</summary>
    internal bool Contains(ulong sequence, DateTimeOffset time)
    {
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        foreach (var entry in _entries.Length > 0 ? SetOf(sequence) : [])
        {
            if (entry.Sequence == sequence && entry.Nanoseconds / TimeSpan.NanosecondsPerTick == ticks) { return true; }
        }

        return false;
    }

    internal void Add(ulong sequence, long nanoseconds)
    {
        if (++_added > _entries.Length / 2 && _entries.Length < Most) { Grow(); }
        var set = SetOf(sequence);
        var oldest = 0;
        for (var at = 0; at < set.Length; at++)
        {
            if (set[at].Sequence == sequence || set[at].Nanoseconds < set[oldest].Nanoseconds) { oldest = at; }
            if (set[at].Sequence == sequence) { break; }
        }

        set[oldest] = (sequence, nanoseconds);
    }

    private Span<(ulong Sequence, long Nanoseconds)> SetOf(ulong sequence)
    {
        var set = ((sequence / Set) * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((uint)(_entries.Length / Set)));
        return _entries.AsSpan((int)set * Set, Set);
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new (ulong, long)[Math.Max(Least, old.Length * 4)];
        _added = 0;
        foreach (var (sequence, nanoseconds) in old)
        {
            if (sequence > 0) { Add(sequence, nanoseconds); }
        }
    }
}
