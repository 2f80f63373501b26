using System.Numerics;

namespace StreamLearn.Nats;

/// <summary>
/// Messages of a stream that were acknowledged, by number and time: a server that is killed may give numbers anew, to messages that have
/// not been seen. It remembers some 16 thousand; one that it has forgotten is one that was never seen.
/// </summary>
internal sealed class SettledMessages
{
    private const int Least = 256, Most = 32768;
    private (ulong Sequence, long Nanoseconds)[] _entries = [];
    private int _added;     // since it grew

    internal bool Contains(ulong sequence, long nanoseconds) =>
        _entries.Length > 0 && _entries[At(sequence)] == (sequence, nanoseconds);

    internal void Add(ulong sequence, long nanoseconds)
    {
        if (++_added > _entries.Length / 2 && _entries.Length < Most) { Grow(); }
        _entries[At(sequence)] = (sequence, nanoseconds);
    }

    /// <summary>Eight numbers that follow one another have places side by side; numbers at any distance, far from one another.</summary>
    private int At(ulong sequence)
    {
        var place = (int)(((sequence >> 3) * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((uint)_entries.Length)));
        return (place & ~7) | ((place + (int)sequence) & 7);
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new (ulong, long)[Math.Max(Least, old.Length * 4)];
        _added = 0;
        foreach (var entry in old)
        {
            if (entry.Sequence > 0) { _entries[At(entry.Sequence)] = entry; }
        }
    }
}
