using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>RMSProp: v = ρ·v + (1−ρ)·g², w −= η·g / (√v + ε).</summary>
/// <remarks>State: one mean of squares per value. Source: Tieleman, Hinton (2012), lecture 6.5.</remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Decay">Decay ρ of the mean, in [0, 1); default 0.99.</param>
/// <param name="Epsilon">Term ε added to the root, above 0; default 1e-8.</param>
public sealed record RmsProp(float LearningRate, float Decay = 0.99f, float Epsilon = 1e-8f) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <inheritdoc />
    public override int StateValues => 1;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        Check(plan, state.Length, step);
        var (rate, cut) = (Vector512.Create(Rate(step)), Vector512.Create(Cut(plan, gradients)));
        var (decay, fresh, epsilon) = (Vector512.Create(Decay), Vector512.Create(1 - Decay), Vector512.Create(Epsilon));
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var values = slice.Of(weights);
            var mean = slice.Of(state);
            var slopes = slice.Of(gradients);
            for (var i = 0; i < slopes.Length; i += Lanes.Count)
            {
                var gradient = cut * Lanes.Load(slopes, i);
                var square = Vector512.FusedMultiplyAdd(decay, Lanes.Load(mean, i), fresh * gradient * gradient);
                Lanes.Store(square, mean, i);
                Lanes.Store(Lanes.Load(values, i) - (rate * gradient / (Vector512.Sqrt(square) + epsilon)), values, i);
            }
        }
    }

    /// <inheritdoc />
    public override void Check()
    {
        CheckRateAndNorm();
        Share(Decay, nameof(Decay));
        Above0(Epsilon, nameof(Epsilon));
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"RMSprop {LearningRate}, ρ {Decay}, ε {Epsilon}{Extras()}");
}
