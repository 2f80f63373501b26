using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>Averages trained values and running statistics over versions. Scale and counters are those of the newest version.</summary>
/// <remarks>A version from fewer devices than usual counts by the square of their share, so that no device dominates the model.</remarks>
internal sealed class ModelAverage(ModelPlan plan, Averaging averaging)
{
    private const int UsualOver = 50;       // default number of versions in the average

    private ImmutableArray<float> _average;
    private long _versions;
    private double _usual;          // devices per version, smoothed
    private long _counted;          // number of versions in this mean

    internal void State(ref StateStream s)
    {
        _versions = s.Count(_versions);
        if (_versions == 0) { return; }
        _average = s.Values(_average, plan.Values);
        s.Value(ref _usual);
        _counted = s.Count(_counted);
    }

    internal void Clear() => _versions = 0;

    /// <summary><paramref name="devices"/>: of the version; 0: none. <paramref name="shareOfUsual"/>: null: as in the last ones.</summary>
    internal Weights Add(Weights version, double devices, double? shareOfUsual)
    {
        if (averaging == Averaging.None) { return version; }
        var kept = averaging.Kept(++_versions);
        var share = shareOfUsual ?? ShareOfUsual(devices);
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
