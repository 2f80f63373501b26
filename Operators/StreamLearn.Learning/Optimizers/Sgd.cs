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
        var weights = descent.Weights[..gradients.Length];
        var velocity = descent.Velocity;
        var (factors, rates, momenta) = (Vector512.Create(factor), Vector512.Create(-descent.Rate), Vector512.Create(descent.Momentum));
        var i = 0;
        for (; i + Vector512<float>.Count <= gradients.Length; i += Vector512<float>.Count)
        {
            var step = factors * Vector512.Create(gradients[i..]);
            if (!velocity.IsEmpty)
            {
                step = Vector512.FusedMultiplyAdd(momenta, Vector512.Create<float>(velocity[i..]), step);
                step.CopyTo(velocity[i..]);
            }

            Vector512.FusedMultiplyAdd(rates, step, Vector512.Create<float>(weights[i..])).CopyTo(weights[i..]);
        }

        for (; i < gradients.Length; i++)
        {
            var step = factor * gradients[i];
            if (!velocity.IsEmpty) { step = velocity[i] = MathF.FusedMultiplyAdd(descent.Momentum, velocity[i], step); }
            weights[i] = MathF.FusedMultiplyAdd(-descent.Rate, step, weights[i]);
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
