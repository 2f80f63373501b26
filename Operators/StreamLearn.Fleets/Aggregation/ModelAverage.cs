using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// The model in use: an average of trained values and running statistics over versions; scale and counters are the newest version's.
/// State: the average, the number of versions in it, and of how many devices a version usually is.
/// </summary>
/// <remarks>
/// A version of fewer devices than usual moves it by less: by the square of their share. While one device alone is there, versions soon
/// fit that one and nobody else.
/// </remarks>
internal sealed class ModelAverage(ModelPlan plan, Averaging averaging)
{
    private const int UsualOver = 50;       // versions

    private ImmutableArray<float> _average;
    private long _versions;
    private double _usual;          // devices in a version, smoothed
    private long _counted;          // versions in that

    internal void State(ref StateStream s)
    {
        _versions = s.Count(_versions);
        if (_versions == 0) { return; }
        _average = s.Values(_average, plan.Values);
        s.Value(ref _usual);
        _counted = s.Count(_counted);
    }

    /// <summary>Forgets all versions.</summary>
    internal void Clear() => _versions = 0;

    /// <summary>Adds a version. <paramref name="devices"/>: how many devices went into it; 0 if it is that of before.</summary>
    internal Weights Add(Weights version, double devices)
    {
        if (averaging == Averaging.None) { return version; }
        var kept = averaging.Kept(++_versions);
        var share = ShareOfUsual(devices);
        if (share < 1 && _versions > 1) { kept = 1 - ((1 - kept) * (float)(share * share)); }
        if (kept == 0)
        {
            _average = version.Values;
            return version;
        }

        var values = new float[version.Values.Length];
        version.Values.CopyTo(values);
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { Mix(slice, values, kept); }
        }

        foreach (var slice in plan.Statistics) { Mix(slice, values, kept); }
        _average = ImmutableCollectionsMarshal.AsImmutableArray(values);
        return version with { Values = _average };
    }

    /// <summary>Devices in a version over those in the usual one, at most 1.</summary>
    private double ShareOfUsual(double devices)
    {
        if (devices == 0) { return 1; }
        _usual += (devices - _usual) / Math.Min(++_counted, UsualOver);
        return Math.Clamp(devices / _usual, 0, 1);
    }

    private void Mix(Slice slice, float[] values, float kept)
    {
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
        {
            values[i] = MathF.FusedMultiplyAdd(kept, _average[i] - values[i], values[i]);
        }
    }
}
