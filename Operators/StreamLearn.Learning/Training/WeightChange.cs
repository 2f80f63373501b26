namespace StreamLearn.Learning;

internal static class WeightChange
{
    internal static void PullBack(
        ModelPlan plan, float strength, ReadOnlySpan<float> weights, ReadOnlySpan<float> pulled, Span<float> gradients)
    {
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                gradients[i] = MathF.FusedMultiplyAdd(strength, weights[i] - pulled[i], gradients[i]);
            }
        }
    }

    /// <summary>Subtracts the start from trained slices, and the base from statistics, because those are averaged.</summary>
    internal static void Subtract(
        ModelPlan plan, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, ReadOnlySpan<float> statisticsBase, Span<float> values)
    {
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { Subtract(slice, weights, start, values); }
        }

        foreach (var slice in plan.Statistics) { Subtract(slice, weights, statisticsBase, values); }
    }

    /// <summary>If the batch used earlier weights, adds its change, because others may have changed the statistics since then.</summary>
    internal static void Renew(Slice slice, Span<float> weights, ReadOnlySpan<float> renewed, ReadOnlySpan<float> earlier)
    {
        if (earlier.IsEmpty)
        {
            slice.Of(renewed).CopyTo(slice.Of(weights));
            return;
        }

        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { weights[i] += renewed[i] - earlier[i]; }
    }

    private static void Subtract(Slice slice, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, Span<float> values)
    {
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { values[i] = weights[i] - start[i]; }
    }
}
