namespace StreamLearn.Learning;

/// <summary>
/// Adam over the trained slices: m = β₁·m + (1−β₁)·g, v = β₂·v + (1−β₂)·g², w −= η · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε) at step t.
/// </summary>
/// <remarks>
/// State: both moments of every value, held by the caller: first m of all, then v of all. Source: Kingma, Ba (2015), algorithm 1.
/// </remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Beta1">Share β₁ of the first moment that is kept, in [0, 1); default 0.9.</param>
/// <param name="Beta2">Share β₂ of the second moment that is kept, in [0, 1); default 0.999.</param>
/// <param name="Epsilon">Added to the root ε, above 0; default 1e-8.</param>
public sealed record Adam(float LearningRate, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <inheritdoc />
    public override int StateValues => 2;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var rate = (float)(LearningRate / (1 - Power(Beta1, step)));
        var correction = (float)(1 / (1 - Power(Beta2, step)));
        var first = state[..plan.Values];
        var second = state.Slice(plan.Values, plan.Values);
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                var gradient = gradients[i];
                first[i] = MathF.FusedMultiplyAdd(Beta1, first[i], (1 - Beta1) * gradient);
                second[i] = MathF.FusedMultiplyAdd(Beta2, second[i], (1 - Beta2) * gradient * gradient);
                weights[i] -= rate * first[i] / (MathF.Sqrt(correction * second[i]) + Epsilon);
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

        if (!(Beta1 is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(nameof(Beta1), Beta1, "expected a share in [0, 1)"); }
        if (!(Beta2 is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(nameof(Beta2), Beta2, "expected a share in [0, 1)"); }
        if (!(Epsilon > 0 && float.IsFinite(Epsilon)))
        {
            throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "expected a number above 0");
        }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"Adam {LearningRate}, β {Beta1} {Beta2}, ε {Epsilon}");

    /// <summary>value to the power of a whole number, by squaring: the same bits with every mathematical library.</summary>
    private static double Power(double value, long exponent)
    {
        var power = 1.0;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) == 1) { power *= value; }
            value *= value;
        }

        return power;
    }
}
