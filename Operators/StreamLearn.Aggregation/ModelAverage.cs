using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>
/// The model in use: an exponential moving average of trained values and running statistics over versions; scale and counters are the
/// newest version's.
/// </summary>
internal sealed class ModelAverage(ModelPlan plan, float kept)
{
    private ImmutableArray<float> _average;

    internal Weights Add(Weights version)
    {
        if (kept == 0) { return version; }
        if (_average.IsDefault)
        {
            _average = version.Values;
            return version;
        }

        var values = new float[version.Values.Length];
        version.Values.CopyTo(values);
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { Mix(slice, values); }
        }

        foreach (var slice in plan.Statistics) { Mix(slice, values); }
        _average = ImmutableCollectionsMarshal.AsImmutableArray(values);
        return version with { Values = _average };
    }

    private void Mix(Slice slice, float[] values)
    {
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
        {
            values[i] = MathF.FusedMultiplyAdd(kept, _average[i] - values[i], values[i]);
        }
    }
}
