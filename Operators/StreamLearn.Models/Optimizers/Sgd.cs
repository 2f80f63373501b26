using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Stochastic gradient descent with momentum and gradient clipping: v = m·v + g, w −= η·v.</summary>
/// <remarks>Weight decay adds λ·w to the clipped gradient, by default not for biases and gains. Nesterov's momentum: w −= η·(g + m·v).
/// State: one velocity per value. Source: Polyak (1964); Sutskever et al. (2013) for Nesterov's form; Pascanu, Mikolov, Bengio (2013) for
/// clipping by norm.</remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Momentum">Momentum m, in [0, 1); default 0.9.</param>
/// <param name="ClipNorm">Maximum norm of the gradient, above 0; default 2.</param>
public sealed record Sgd(float LearningRate, float Momentum = 0.9f, float ClipNorm = 2) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <summary>Maximum norm of the gradient over all trained values, above 0; default 2.</summary>
    public override float ClipNorm { get; init; } = ClipNorm;

    /// <summary>Whether to use Nesterov's momentum; needs a momentum. Default false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Decay λ of the trained values, at least 0; default 0.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Whether biases and norm gains decay too, as in PyTorch. Default false.</summary>
    public bool DecaysAll { get; init; }

    /// <inheritdoc />
    public override int StateValues => 1;

    internal override (float Rate, float Momentum)? FusedUpdate =>
        IsPlain && float.IsPositiveInfinity(ClipNorm) && Schedule == Schedule.Constant ? (LearningRate, Momentum) : null;

    private protected override int Remembered => Momentum == 0 ? 0 : 1;

    private bool IsPlain => !Nesterov && WeightDecay == 0;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        Check(plan, state.Length, step);
        var factor = Cut(plan, gradients);
        var rate = Rate(step);
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var descent = new FusedUpdate
            {
                Weights = slice.Of(weights),
                Velocity = Momentum == 0 ? [] : slice.Of(state),
                Rate = rate,
                Momentum = Momentum,
            };
            if (IsPlain) { Move(slice.Of(gradients), descent, factor); }
            else { MoveDecaying(slice.Of(gradients), descent, factor, DecaysAll || Decays(slice) ? WeightDecay : 0); }
        }
    }

    /// <summary>Computes v = m·v + factor·g, w −= η·v; without momentum there is no state.</summary>
    internal static void Move(ReadOnlySpan<float> gradients, FusedUpdate descent, float factor = 1)
    {
        ref var gradient = ref MemoryMarshal.GetReference(gradients);
        ref var weight = ref MemoryMarshal.GetReference(descent.Weights[..gradients.Length]);
        if (descent.Velocity.IsEmpty)
        {
            Move<One>(ref gradient, gradients.Length, ref weight, -descent.Rate, factor, ref weight, 0);
            return;
        }

        ref var velocity = ref MemoryMarshal.GetReference(descent.Velocity[..gradients.Length]);
        Move<Two>(ref gradient, gradients.Length, ref weight, -descent.Rate, factor, ref velocity, descent.Momentum);
    }

    /// <summary>With two values per weight, by way of the velocity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move<TValues>(ref float gradients, nint count, ref float weights, float rate, float factor, ref float velocities,
        float momentum)
        where TValues : struct, ICount
    {
        var (factors, rates, momenta) = (Vector512.Create(factor), Vector512.Create(rate), Vector512.Create(momentum));
        nint i = 0;
        for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
        {
            ref var weight = ref Unsafe.Add(ref weights, i);
            var step = factors * Vector512.LoadUnsafe(ref Unsafe.Add(ref gradients, i));
            if (TValues.Count > 1)
            {
                ref var velocity = ref Unsafe.Add(ref velocities, i);
                step = Vector512.FusedMultiplyAdd(momenta, Vector512.LoadUnsafe(ref velocity), step);
                step.StoreUnsafe(ref velocity);
            }

            Vector512.FusedMultiplyAdd(rates, step, Vector512.LoadUnsafe(ref weight)).StoreUnsafe(ref weight);
        }

        for (; i < count; i++)
        {
            ref var weight = ref Unsafe.Add(ref weights, i);
            var step = factor * Unsafe.Add(ref gradients, i);
            if (TValues.Count > 1)
            {
                ref var velocity = ref Unsafe.Add(ref velocities, i);
                velocity = step = MathF.FusedMultiplyAdd(momentum, velocity, step);
            }

            weight = MathF.FusedMultiplyAdd(rate, step, weight);
        }
    }

    /// <inheritdoc />
    public override void Check()
    {
        CheckRateAndNorm();
        if (!(Momentum is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Momentum), Momentum, "expected a momentum in [0, 1)");
        }

        if (Nesterov && Momentum == 0) { throw new ArgumentOutOfRangeException(nameof(Momentum), "Nesterov: expected a momentum above 0"); }
        AtLeast0(WeightDecay, nameof(WeightDecay));
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"SGD {LearningRate}, momentum {Momentum}, clip {ClipNorm}")
        + (Nesterov ? ", Nesterov" : "") + (WeightDecay == 0 ? "" : FormattableString.Invariant($", decay {WeightDecay}{OfAll(DecaysAll)}"))
        + Extras(clip: false);

    /// <summary>Computes g = factor·g + λ·w, v = m·v + g, w −= η·v; with Nesterov's momentum, w −= η·(g + m·v).</summary>
    private void MoveDecaying(ReadOnlySpan<float> gradients, FusedUpdate descent, float factor, float share)
    {
        var weights = descent.Weights;
        var velocity = descent.Velocity;
        var (factors, rates, momenta) = (Vector512.Create(factor), Vector512.Create(-descent.Rate), Vector512.Create(Momentum));
        var decay = Vector512.Create(share);
        for (var i = 0; i < gradients.Length; i += Lanes.Count)
        {
            var values = Lanes.Load(weights, i);
            var step = Vector512.FusedMultiplyAdd(decay, values, factors * Lanes.Load(gradients, i));
            if (!velocity.IsEmpty)
            {
                var fast = Vector512.FusedMultiplyAdd(momenta, Lanes.Load(velocity, i), step);
                Lanes.Store(fast, velocity, i);
                step = Nesterov ? Vector512.FusedMultiplyAdd(momenta, fast, step) : fast;
            }

            Lanes.Store(Vector512.FusedMultiplyAdd(rates, step, values), weights, i);
        }
    }
}
