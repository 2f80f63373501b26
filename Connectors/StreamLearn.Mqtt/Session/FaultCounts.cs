using System.Collections.Frozen;

namespace StreamLearn.Mqtt;

/// <summary>Counts envelopes that are none, by what is wrong with them.</summary>
internal sealed class FaultCounts
{
    private readonly long[] _counts = new long[(int)EnvelopeFault.Number + 1];

    internal void Add(EnvelopeFault fault) => _counts[(int)fault]++;

    /// <summary>Those that occurred; allocates nothing while there are none.</summary>
    internal IReadOnlyDictionary<EnvelopeFault, long> Occurred() => !_counts.AsSpan().ContainsAnyExcept(0L)
        ? FrozenDictionary<EnvelopeFault, long>.Empty
        : Enumerable.Range(0, _counts.Length).Where(f => _counts[f] > 0).ToDictionary(f => (EnvelopeFault)f, f => _counts[f]).AsReadOnly();
}
