namespace StreamLearn.Models;

/// <summary>Adam: m = β₁·m + (1−β₁)·g, v = β₂·v + (1−β₂)·g², w −= η · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε) at step t.</summary>
/// <remarks>State: both moments per value: all m, then all v. Source: Kingma, Ba (2015), algorithm 1.</remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Beta1">Decay β₁ of the first moment, in [0, 1); default 0.9.</param>
/// <param name="Beta2">Decay β₂ of the second moment, in [0, 1); default 0.999.</param>
/// <param name="Epsilon">Term ε added to the root, above 0; default 1e-8.</param>
public sealed record Adam(float LearningRate, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <inheritdoc />
    public override int StateValues => 2;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        Check(plan, state.Length, step);
        new AdamKernel { Cut = Cut(plan, gradients), Kept = 1, Rate = Rate(step), Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon }
            .Move(plan, weights, gradients, state, step);
    }

    /// <inheritdoc />
    public override void Check()
    {
        CheckRateAndNorm();
        Share(Beta1, nameof(Beta1));
        Share(Beta2, nameof(Beta2));
        Above0(Epsilon, nameof(Epsilon));
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"Adam {LearningRate}, β {Beta1} {Beta2}, ε {Epsilon}{Extras()}");
}
