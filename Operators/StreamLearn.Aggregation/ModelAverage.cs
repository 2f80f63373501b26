using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>
/// The model in use: an average of trained values and running statistics over versions; scale and counters are the newest version's.
/// State: the average, and the number of versions in it.
/// </summary>
internal sealed class ModelAverage(ModelPlan plan, Averaging averaging)
{
    private ImmutableArray<float> _average;
    private long _versions;

    internal void Save(StateWriter writer)
    {
        writer.Write(_versions);
        if (_versions > 0) { writer.Write(_average.AsSpan()); }
    }

    internal void Load(ref StateReader reader)
    {
        _versions = reader.ReadCount();
        if (_versions > 0) { _average = reader.ReadValues(plan.Values); }
    }

    internal Weights Add(Weights version)
    {
        if (averaging == Averaging.None) { return version; }
        var kept = averaging.Kept(++_versions);
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

    private void Mix(Slice slice, float[] values, float kept)
    {
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
        {
            values[i] = MathF.FusedMultiplyAdd(kept, _average[i] - values[i], values[i]);
        }
    }
}
