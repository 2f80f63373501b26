using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>AdaGrad: s += g², w −= η·g / (√s + ε).</summary>
/// <remarks>State: one sum of squares per value. Source: Duchi, Hazan, Singer (2011), in the diagonal form.</remarks>
/// <param name="LearningRate">Step size η, above 0.</param>
/// <param name="Epsilon">Term ε added to the root, above 0; default 1e-10.</param>
public sealed record AdaGrad(float LearningRate, float Epsilon = 1e-10f) : Optimizer
{
    /// <inheritdoc />
    public override float LearningRate { get; init; } = LearningRate;

    /// <inheritdoc />
    public override int StateValues => 1;

    /// <inheritdoc />
    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        Check(plan, state.Length, step);
        var (rate, cut, epsilon) = (Vector512.Create(Rate(step)), Vector512.Create(Cut(plan, gradients)), Vector512.Create(Epsilon));
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var values = slice.Of(weights);
            var sum = slice.Of(state);
            var slopes = slice.Of(gradients);
            for (var i = 0; i < slopes.Length; i += Lanes.Count)
            {
                var gradient = cut * Lanes.Load(slopes, i);
                var squares = Vector512.FusedMultiplyAdd(gradient, gradient, Lanes.Load(sum, i));
                Lanes.Store(squares, sum, i);
                Lanes.Store(Lanes.Load(values, i) - (rate * gradient / (Vector512.Sqrt(squares) + epsilon)), values, i);
            }
        }
    }

    /// <inheritdoc />
    public override void Check()
    {
        CheckRateAndNorm();
        Above0(Epsilon, nameof(Epsilon));
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"AdaGrad {LearningRate}, ε {Epsilon}{Extras()}");
}
