namespace StreamLearn.Fleets;

/// <summary>Averages running statistics, whatever the rule for trained values: s = Σ aᵢ·(bᵢ + Δᵢ) / Σ aᵢ; b: of the base version.</summary>
/// <remarks>Averages absolute values: a variance never falls below the smallest one, however stale. Float64, in update order.</remarks>
internal sealed class StatisticsMean
{
    /// <summary>Kept versions; updates from older ones contribute no statistics.</summary>
    internal const int Remembered = 64;

    private readonly ModelPlan _plan;
    private readonly double[] _sums;
    private readonly float[] _kept;     // [version % remembered × statistics]
    private long _newest;
    private double _weight;

    internal StatisticsMean(ModelPlan plan, Weights initial, bool averages)
    {
        _plan = plan;
        var count = 0;
        foreach (var slice in plan.Statistics) { count += averages ? slice.Length : 0; }
        (_sums, _kept) = (new double[count], new float[count * Remembered]);
        _newest = initial.Version;
        Keep(initial.Values.AsSpan());
    }

    internal static long Bytes(ModelPlan plan)
    {
        var bytes = 0L;
        foreach (var slice in plan.Statistics) { bytes += slice.Length * ((4L * Remembered) + 8); }
        return bytes;
    }

    internal void State(ref StateStream s)
    {
        if (IsIdle) { return; }
        s.Values<double>(_sums);
        s.Value(ref _weight);
        s.Values<float>(_kept);
        _newest = s.Count(_newest);
    }

    private bool IsIdle => _sums.Length == 0;

    internal void TakeBack(ReadOnlySpan<float> values) => Keep(values);

    internal void ResumeFrom(Weights version)
    {
        _newest = version.Version;
        Keep(version.Values.AsSpan());
    }

    internal void Add(WeightDelta update, float weight)
    {
        if (IsIdle || update.BaseVersion <= _newest - Remembered) { return; }
        var held = Of(update.BaseVersion);
        var at = 0;
        foreach (var slice in _plan.Statistics)
        {
            foreach (var difference in slice.Of(update.Values.AsSpan()))
            {
                _sums[at] += weight * ((double)held[at] + difference);
                at++;
            }
        }

        _weight += weight;
    }

    /// <summary>Writes the mean or, without updates, the statistics of the newest version.</summary>
    internal void Finish(Span<float> weights)
    {
        if (IsIdle) { return; }
        var newest = Of(_newest);
        var at = 0;
        foreach (var slice in _plan.Statistics)
        {
            foreach (ref var value in slice.Of(weights))
            {
                value = _weight > 0 ? (float)(_sums[at] / _weight) : newest[at];
                at++;
            }
        }
    }

    internal void EndRound(ReadOnlySpan<float> weights)
    {
        _newest++;
        Keep(weights);
        Array.Clear(_sums);
        _weight = 0;
    }

    private Span<float> Of(long version) => _kept.AsSpan((int)(version % Remembered) * _sums.Length, _sums.Length);

    private void Keep(ReadOnlySpan<float> weights)
    {
        if (IsIdle) { return; }
        var place = Of(_newest);
        foreach (var slice in _plan.Statistics)
        {
            slice.Of(weights).CopyTo(place);
            place = place[slice.Length..];
        }
    }
}
