namespace StreamLearn.Learning;

/// <summary>What lies between weights and those that a round started from.</summary>
internal static class WeightChange
{
    /// <summary>Adds strength × (weights − base) to the gradients of trained slices: the proximal term.</summary>
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

    /// <summary>The differences of trained slices to the start, and of statistics to the base, as those are averaged.</summary>
    internal static void Subtract(
        ModelPlan plan, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, ReadOnlySpan<float> statisticsBase, Span<float> values)
    {
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { Subtract(slice, weights, start, values); }
        }

        foreach (var slice in plan.Statistics) { Subtract(slice, weights, statisticsBase, values); }
    }

    private static void Subtract(Slice slice, ReadOnlySpan<float> weights, ReadOnlySpan<float> start, Span<float> values)
    {
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { values[i] = weights[i] - start[i]; }
    }
}
