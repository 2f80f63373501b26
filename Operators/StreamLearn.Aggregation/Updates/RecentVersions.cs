using System.Collections.Immutable;

namespace StreamLearn.Aggregation;

/// <summary>When the last versions were emitted, and the values of as many of them as the strategy asks for.</summary>
internal sealed class RecentVersions
{
    private const int Timed = 1024;

    private readonly DateTimeOffset?[] _emitted = new DateTimeOffset?[Timed];
    private readonly ImmutableArray<float>[] _values;
    private long _first;
    private long _newest;

    /// <summary>The initial version stands at every device from its start: nobody knows since when.</summary>
    internal RecentVersions(long version, ImmutableArray<float> values, int bases)
    {
        _values = bases == 0 ? [] : new ImmutableArray<float>[bases + 1];
        (_first, _newest) = (version, version);
        Keep(values);
    }

    /// <summary>Goes on from a version of an earlier aggregator: what came before it is not known.</summary>
    internal void GoOnFrom(long version, ImmutableArray<float> values)
    {
        (_first, _newest) = (version, version);
        Keep(values);
    }

    internal static long Bytes => Timed * 24L;

    internal void Add(ImmutableArray<float> values, DateTimeOffset now)
    {
        _newest++;
        _emitted[_newest % Timed] = now;
        Keep(values);
    }

    /// <summary>When a version was emitted; null if that is not known, or no longer.</summary>
    internal DateTimeOffset? EmittedAt(long version) =>
        version > _first && version <= _newest && version > _newest - Timed ? _emitted[version % Timed] : null;

    /// <summary>The values of a version that is not older than was asked for; empty if none are kept.</summary>
    internal ReadOnlySpan<float> ValuesOf(long version) => _values.Length == 0 ? default : _values[version % _values.Length].AsSpan();

    private void Keep(ImmutableArray<float> values)
    {
        if (_values.Length > 0) { _values[_newest % _values.Length] = values; }
    }
}
