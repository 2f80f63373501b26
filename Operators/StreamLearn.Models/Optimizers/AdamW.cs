namespace StreamLearn.Models;

/// <summary><see cref="Adam"/> with decoupled weight decay: it first multiplies w by 1 − η·λ. Biases and gains do not decay by
/// default.</summary>
/// <remarks>State: both moments per value: all m, then all v. Source: Loshchilov, Hutter (2019), algorithm 2.</remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Beta1">Decay β₁ of the first moment, in [0, 1); default 0.9.</param>
/// <param name="Beta2">Decay β₂ of the second moment, in [0, 1); default 0.999.</param>
/// <param name="Epsilon">Term ε added to the root, above 0; default 1e-8.</param>
/// <param name="WeightDecay">Decay λ, at least 0; default 0.01.</param>
public sealed record AdamW(
    float LearningRate, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f, float WeightDecay = 0.01f) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <summary>Whether biases and norm gains decay too, as in PyTorch. Default false.</summary>
    public bool DecaysAll { get; init; }

    /// <inheritdoc />
    public override int StateValues => 2;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        Check(plan, state.Length, step);
        var rate = Rate(step);
        var kept = (float)(1 - ((double)rate * WeightDecay));
        new AdamKernel
        {
            Cut = Cut(plan, gradients),
            Kept = kept,
            DecaysAll = DecaysAll,
            Rate = rate,
            Beta1 = Beta1,
            Beta2 = Beta2,
            Epsilon = Epsilon,
        }.Move(plan, weights, gradients, state, step);
    }

    /// <inheritdoc />
    public override void Check()
    {
        CheckRateAndNorm();
        Share(Beta1, nameof(Beta1));
        Share(Beta2, nameof(Beta2));
        Above0(Epsilon, nameof(Epsilon));
        AtLeast0(WeightDecay, nameof(WeightDecay));
    }

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"AdamW {LearningRate}, β {Beta1} {Beta2}, ε {Epsilon}, decay {WeightDecay}")
            + OfAll(DecaysAll) + Extras();
}
