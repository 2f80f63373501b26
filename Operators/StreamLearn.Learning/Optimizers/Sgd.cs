using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>
/// Stochastic gradient descent with momentum over the trained slices: v = m·v + g, w −= η·v, where g is cut back to a greatest norm.
/// </summary>
/// <remarks>
/// State: one velocity per value, held by the caller. Source: Polyak (1964); clipping by norm, Pascanu, Mikolov, Bengio (2013).
/// </remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Momentum">Share m of the velocity that is kept, in [0, 1); default 0.9.</param>
/// <param name="ClipNorm">Greatest Euclidean norm of a gradient, above 0; default 2.</param>
public sealed record Sgd(float LearningRate, float Momentum = 0.9f, float ClipNorm = 2) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <inheritdoc />
    public override int StateValues => 1;

    /// <inheritdoc />
    internal override (float Rate, float Momentum)? Descent => float.IsPositiveInfinity(ClipNorm) ? (LearningRate, Momentum) : null;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var norm = float.IsPositiveInfinity(ClipNorm) ? 0 : Norm(plan, gradients);
        var factor = norm > ClipNorm ? (float)(ClipNorm / norm) : 1;
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            Move(slice.Of(gradients), new()
            {
                Weights = slice.Of(weights),
                Velocity = Momentum == 0 ? [] : slice.Of(state),
                Rate = LearningRate,
                Momentum = Momentum,
            }, factor);
        }
    }

    /// <summary>v = m·v + factor·g, w −= η·v over a slice; without momentum v is factor·g, and nothing is remembered.</summary>
    internal static void Move(ReadOnlySpan<float> gradients, Descent descent, float factor = 1)
    {
        ref var gradient = ref MemoryMarshal.GetReference(gradients);
        ref var weight = ref MemoryMarshal.GetReference(descent.Weights[..gradients.Length]);
        if (descent.Velocity.IsEmpty)
        {
            Move(ref gradient, gradients.Length, ref weight, -descent.Rate, factor);
            return;
        }

        ref var velocity = ref MemoryMarshal.GetReference(descent.Velocity[..gradients.Length]);
        Move(ref gradient, gradients.Length, ref weight, -descent.Rate, factor, ref velocity, descent.Momentum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(ref float gradients, nint count, ref float weights, float rate, float factor)
    {
        var (factors, rates) = (Vector512.Create(factor), Vector512.Create(rate));
        nint i = 0;
        for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
        {
            ref var weight = ref Unsafe.Add(ref weights, i);
            var step = factors * Vector512.LoadUnsafe(ref Unsafe.Add(ref gradients, i));
            Vector512.FusedMultiplyAdd(rates, step, Vector512.LoadUnsafe(ref weight)).StoreUnsafe(ref weight);
        }

        for (; i < count; i++)
        {
            ref var weight = ref Unsafe.Add(ref weights, i);
            weight = MathF.FusedMultiplyAdd(rate, factor * Unsafe.Add(ref gradients, i), weight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(ref float gradients, nint count, ref float weights, float rate, float factor, ref float velocities,
        float momentum)
    {
        var (factors, rates, momenta) = (Vector512.Create(factor), Vector512.Create(rate), Vector512.Create(momentum));
        nint i = 0;
        for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
        {
            ref var weight = ref Unsafe.Add(ref weights, i);
            ref var velocity = ref Unsafe.Add(ref velocities, i);
            var step = factors * Vector512.LoadUnsafe(ref Unsafe.Add(ref gradients, i));
            step = Vector512.FusedMultiplyAdd(momenta, Vector512.LoadUnsafe(ref velocity), step);
            step.StoreUnsafe(ref velocity);
            Vector512.FusedMultiplyAdd(rates, step, Vector512.LoadUnsafe(ref weight)).StoreUnsafe(ref weight);
        }

        for (; i < count; i++)
        {
            ref var weight = ref Unsafe.Add(ref weights, i);
            ref var velocity = ref Unsafe.Add(ref velocities, i);
            velocity = MathF.FusedMultiplyAdd(momentum, velocity, factor * Unsafe.Add(ref gradients, i));
            weight = MathF.FusedMultiplyAdd(rate, velocity, weight);
        }
    }

    /// <inheritdoc />
    public override void Check()
    {
        if (!(LearningRate > 0 && float.IsFinite(LearningRate)))
        {
            throw new ArgumentOutOfRangeException(nameof(LearningRate), LearningRate, "expected a rate above 0");
        }

        if (!(Momentum is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Momentum), Momentum, "expected a momentum in [0, 1)");
        }

        if (!(ClipNorm > 0)) { throw new ArgumentOutOfRangeException(nameof(ClipNorm), ClipNorm, "expected a norm above 0"); }
    }

    /// <summary>The norm over the trained slices: squares added in order, in float64.</summary>
    private static double Norm(ModelPlan plan, ReadOnlySpan<float> gradients)
    {
        double squares = 0;
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            foreach (var value in slice.Of(gradients)) { squares += (double)value * value; }
        }

        return Math.Sqrt(squares);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"SGD {LearningRate}, momentum {Momentum}, clip {ClipNorm}");
}
