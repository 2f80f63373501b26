namespace StreamLearn.Fleets;

internal sealed class RecentVersions
{
    private const int Timed = 1024;

    private readonly DateTimeOffset?[] _emitted = new DateTimeOffset?[Timed];
    private readonly ImmutableArray<float>[] _values;
    private long _newest;

    /// <summary>The emission time of the initial version is unknown, because devices have it from their start.</summary>
    internal RecentVersions(long version, ImmutableArray<float> values, int bases)
    {
        _values = bases == 0 ? [] : new ImmutableArray<float>[bases + 1];
        _newest = version;
        Keep(values);
    }

    internal void ResumeFrom(long version, ImmutableArray<float> values)
    {
        Array.Clear(_emitted);
        Array.Clear(_values);
        _newest = version;
        Keep(values);
    }

    internal static long Bytes => Timed * 24L;

    private long Known => Math.Min(Timed, _newest);

    internal void State(ref StateStream s, int count)
    {
        _newest = s.Count(_newest);
        for (var back = Known - 1; back >= 0; back--) { s.ClockTime(ref _emitted[(_newest - back) % Timed]); }
        if (s.Value(_values.Length) is var kept && kept != _values.Length)
        {
            throw new StateException($"expected a rule that asks for {_values.Length} versions, got {kept}");
        }

        foreach (ref var values in _values.AsSpan())
        {
            values = s.Array(values, count);
            if (values is { IsDefaultOrEmpty: false } && values.Length < count)
            {
                throw new StateException($"expected {count} values, got {values.Length}");
            }
        }
    }

    internal void Add(ImmutableArray<float> values, DateTimeOffset now)
    {
        _newest++;
        _emitted[_newest % Timed] = now;
        Keep(values);
    }

    internal DateTimeOffset? EmittedAt(long version) =>
        version >= 0 && version <= _newest && version > _newest - Timed ? _emitted[version % Timed] : null;

    /// <summary>Returns a version's values; empty if none are kept.</summary>
    internal ReadOnlySpan<float> ValuesOf(long version) =>
        _values.Length == 0 || version < 0 ? default : _values[version % _values.Length].AsSpan();

    private void Keep(ImmutableArray<float> values)
    {
        if (_values.Length > 0) { _values[_newest % _values.Length] = values; }
    }
}
