using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal readonly ref struct AdamKernel
{
    internal float Cut { get; init; }

    /// <summary>Weight factor, below 1 with weight decay.</summary>
    internal float Kept { get; init; }

    internal bool DecaysAll { get; init; }

    internal float Rate { get; init; }

    internal float Beta1 { get; init; }

    internal float Beta2 { get; init; }

    internal float Epsilon { get; init; }

    internal void Move(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        var rate = (float)(Rate / (1 - Optimizer.Power(Beta1, step)));
        var correction = (float)(1 / (1 - Optimizer.Power(Beta2, step)));
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var second = state.Slice(plan.Values + slice.Offset, slice.Length);
            Move(slice.Of(weights), slice.Of(gradients), slice.Of(state), second, rate, correction,
                DecaysAll || Optimizer.Decays(slice) ? Kept : 1);
        }
    }

    private void Move(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, float rate,
        float correction, float share)
    {
        var (beta1, beta2, epsilon) = (Vector512.Create(Beta1), Vector512.Create(Beta2), Vector512.Create(Epsilon));
        var (new1, new2) = (Vector512.Create(1 - Beta1), Vector512.Create(1 - Beta2));
        var (rates, corrections) = (Vector512.Create(rate), Vector512.Create(correction));
        var (cut, kept) = (Vector512.Create(Cut), Vector512.Create(share));
        for (var i = 0; i < gradients.Length; i += Lanes.Count)
        {
            var gradient = cut * Lanes.Load(gradients, i);
            var m = Vector512.FusedMultiplyAdd(beta1, Lanes.Load(first, i), new1 * gradient);
            var v = Vector512.FusedMultiplyAdd(beta2, Lanes.Load(second, i), new2 * gradient * gradient);
            var move = rates * m / (Vector512.Sqrt(corrections * v) + epsilon);
            Lanes.Store(m, first, i);
            Lanes.Store(v, second, i);
            Lanes.Store((kept * Lanes.Load(weights, i)) - move, weights, i);
        }
    }
}
