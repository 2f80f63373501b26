using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// Averages running statistics over the updates of a round, whatever rule moves the trained values: s = Σ aᵢ·(bᵢ + Δᵢ) / Σ aᵢ, with b the
/// statistics of the version that the device learned from.
/// </summary>
/// <remarks>
/// Averaged are what devices hold, not how far they have come: so a variance never falls below the least of theirs, however stale. State:
/// sums in float64, in the order of the updates, and the statistics of the last versions; nothing for a model without statistics.
/// </remarks>
internal sealed class StatisticsMean
{
    /// <summary>Versions whose statistics are kept; updates of older ones bring none.</summary>
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

    /// <summary>Bytes for a model's statistics.</summary>
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

    /// <summary>Takes the statistics of a model for those of the newest version.</summary>
    internal void TakeBack(ReadOnlySpan<float> values) => Keep(values);

    /// <summary>Goes on from a version of an earlier aggregator.</summary>
    internal void GoOnFrom(Weights version)
    {
        _newest = version.Version;
        Keep(version.Values.AsSpan());
    }

    /// <summary>Takes one update in.</summary>
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

    /// <summary>Writes the mean into the model; without updates, what the newest version has.</summary>
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

    /// <summary>Forgets the round, and remembers the version that it made.</summary>
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
