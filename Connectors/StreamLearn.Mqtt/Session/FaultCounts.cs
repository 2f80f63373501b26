using System.Collections.Frozen;
using System.Collections.Immutable;

namespace StreamLearn.Mqtt;

/// <summary>Counts envelopes that are none, by what is wrong with them.</summary>
internal sealed class FaultCounts
{
    /// <summary>The names of the faults, by <see cref="EnvelopeFault"/>.</summary>
    internal static ImmutableArray<string> Names { get; } =
        ["none", "cut", "magic", "version", "length", "checksum", "flags", "name", "number"];

    private readonly long[] _counts = new long[Names.Length];

    internal void Add(EnvelopeFault fault) => _counts[(int)fault]++;

    /// <summary>Those that occurred; allocates nothing while there are none.</summary>
    internal IReadOnlyDictionary<string, long> Occurred() => !_counts.AsSpan().ContainsAnyExcept(0L)
        ? FrozenDictionary<string, long>.Empty
        : Enumerable.Range(0, _counts.Length).Where(f => _counts[f] > 0).ToDictionary(f => Names[f], f => _counts[f]).AsReadOnly();
}
