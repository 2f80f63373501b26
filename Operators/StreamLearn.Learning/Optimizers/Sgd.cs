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
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var norm = Norm(plan, gradients);
        var factor = norm > ClipNorm ? (float)(ClipNorm / norm) : 1;
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                state[i] = MathF.FusedMultiplyAdd(Momentum, state[i], factor * gradients[i]);
                weights[i] = MathF.FusedMultiplyAdd(-LearningRate, state[i], weights[i]);
            }
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
