using System.Collections.Frozen;

namespace StreamLearn;

/// <summary>A few named numbers; thread-safe. Small, because fleets have thousands of blocks.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private (string Name, Number Value)[] _entries = [];

    internal long this[string name]
    {
        get
        {
            foreach (var entry in Volatile.Read(ref _entries))
            {
                if (string.Equals(entry.Name, name, StringComparison.Ordinal)) { return Interlocked.Read(ref entry.Value.Bits); }
            }

            return 0;
        }
    }

    internal void Add(string name, long amount) => Interlocked.Add(ref At(name).Bits, amount);

    internal void Set(string name, double value) => Interlocked.Exchange(ref At(name).Bits, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Called only by the block's host.</summary>
    internal void Shift(string name, double by)
    {
        var number = At(name);
        var value = BitConverter.Int64BitsToDouble(Interlocked.Read(ref number.Bits)) + by;
        Interlocked.Exchange(ref number.Bits, BitConverter.DoubleToInt64Bits(value));
    }

    internal FrozenDictionary<string, long> Counts() =>
        Volatile.Read(ref _entries).ToFrozenDictionary(e => e.Name, e => Interlocked.Read(ref e.Value.Bits), StringComparer.Ordinal);

    internal FrozenDictionary<string, double> Values() =>
        Counts().ToFrozenDictionary(e => e.Key, e => BitConverter.Int64BitsToDouble(e.Value), StringComparer.Ordinal);

    /// <summary>Allocates nothing.</summary>
    internal void State(ref StateStream s)
    {
        var entries = Volatile.Read(ref _entries);
        var count = s.Value(entries.Length, 0, int.MaxValue);
        for (var i = 0; i < count; i++)
        {
            var name = s.Value(s.IsReading ? "" : entries[i].Name);
            var value = s.Value(s.IsReading ? 0 : BitConverter.Int64BitsToDouble(Interlocked.Read(ref entries[i].Value.Bits)));
            if (s.IsReading) { Set(name, value); }
        }
    }

    internal void Clear() => Volatile.Write(ref _entries, []);

    private Number At(string name)
    {
        foreach (var entry in Volatile.Read(ref _entries))
        {
            if (string.Equals(entry.Name, name, StringComparison.Ordinal)) { return entry.Value; }
        }

        lock (_lock)
        {
            foreach (var entry in _entries)
            {
                if (string.Equals(entry.Name, name, StringComparison.Ordinal)) { return entry.Value; }
            }

            var added = new Number();
            Volatile.Write(ref _entries, [.. _entries, (name, added)]);
            return added;
        }
    }

    private sealed class Number
    {
        internal long Bits;
    }
}
