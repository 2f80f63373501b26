using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>A linear model with one output and a loss: linear regression, logistic regression, smooth support vector machine. Weights start
/// at 0.</summary>
/// <remarks> Shape: [rows, features] to [rows, 1]. State: none; slices <c>linear.weight</c> and, with one, <c>linear.bias</c>. Loss: mean
/// of the rows' losses, plus λ/2 |w|² without the bias. Cost: one multiply-add per feature and row. Order: four chains over features k,
/// k+4, k+8, …, added as (0+1)+(2+3), then the bias; gradients add rows in order, then are divided by their number, then have λ w added;
/// |w|² is added in order in float64. The gradient of a batch is the mean of the gradients of its rows, up to rounding; exactly so for one
/// row. </remarks>
public sealed class LinearModel : IModel, IEquatable<LinearModel>
{
    private readonly int _features;
    private readonly bool _bias;

    /// <summary>Creates a model.</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="objective">The loss, of one output.</param>
    /// <param name="bias">Whether to add a bias; default true.</param>
    /// <param name="decay">Weight decay λ, at least 0; default 0.</param>
    /// <param name="columns">The float32 columns, in order; empty: any.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the loss has several outputs.</exception>
    public LinearModel(int features, Loss objective, bool bias = true, float decay = 0, ImmutableArray<Field> columns = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentNullException.ThrowIfNull(objective);
        objective.Check(1);
        if (!(decay >= 0 && float.IsFinite(decay)))
        {
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "expected a strength of at least 0");
        }

        if (!columns.IsDefaultOrEmpty && columns.Length != features)
        {
            throw new ArgumentException($"expected {features} columns, got {columns.Length}", nameof(columns));
        }

        (_features, _bias, Objective, Decay) = (features, bias, objective, decay);
        var slices = new List<(string, SliceKind, int)> { ("linear.weight", SliceKind.Trained, features) };
        if (bias) { slices.Add(("linear.bias", SliceKind.Trained, 1)); }
        Plan = new(new(features), 1, features, slices, columns, FormattableString.Invariant($"{objective}, decay {decay}"))
        {
            Target = objective.Target,
        };
        Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [.. new float[Plan.Values]] };
    }

    /// <summary>The loss of a row.</summary>
    public Loss Objective { get; }

    /// <summary>Weight decay λ.</summary>
    public float Decay { get; }

    /// <inheritdoc />
    public ModelPlan Plan { get; }

    internal bool HasBias => _bias;

    /// <inheritdoc />
    public Weights Initial { get; }

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        var mark = memory.Mark();
        var scores = memory.Rent(batch.Rows);
        Scores(weights, batch, scores);
        var loss = Objective.WeightedGradient(scores, batch) / batch.Rows;
        gradients.Clear();
        var weight = gradients[.._features];
        for (var r = 0; r < batch.Rows; r++)
        {
            Linear.MultiplyAdd(scores[r], batch.Features.Slice(r * _features, _features), weight);
            if (_bias) { gradients[_features] += scores[r]; }
        }

        memory.Release(mark);
        if (batch.Rows > 1)
        {
            foreach (ref var gradient in gradients) { gradient /= batch.Rows; }
        }

        return (float)(Decay > 0 ? loss + PullToZero(weights[.._features], weight) : loss);
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        if (batch.Rows == 0) { return; }
        Scores(weights, batch, outputs);
        Objective.Answer(outputs[..batch.Rows], batch.Rows);
    }

    /// <summary>Plans memory for training and inference.</summary>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: no state.</param>
    /// <param name="threads">Ignored.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1) =>
        new(Plan, ToString(), rows, optimizer, Workspace.BytesOf(rows), 0);

    /// <inheritdoc />
    public bool Equals(LinearModel? other) => other is not null && Plan.SchemaHash == other.Plan.SchemaHash;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as LinearModel);

    /// <inheritdoc />
    public override int GetHashCode() => Plan.SchemaHash.GetHashCode();

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"linear {_features}{(_bias ? " + bias" : "")}, {Objective}{(Decay > 0 ? $", decay {Decay}" : "")}");

    private void Scores(ReadOnlySpan<float> weights, in Sample batch, Span<float> scores)
    {
        var bias = _bias ? weights[_features] : 0;
        for (var r = 0; r < batch.Rows; r++)
        {
            scores[r] = Product(batch.Features.Slice(r * _features, _features), weights[.._features]) + bias;
        }
    }

    private double PullToZero(ReadOnlySpan<float> weights, Span<float> gradients)
    {
        double squares = 0;
        for (var k = 0; k < weights.Length; k++)
        {
            squares += (double)weights[k] * weights[k];
            gradients[k] = MathF.FusedMultiplyAdd(Decay, weights[k], gradients[k]);
        }

        return Decay / 2.0 * squares;
    }

    private static float Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var chains = Vector128<float>.Zero;
        var k = 0;
        for (; k + 4 <= a.Length; k += 4)
        {
            chains = Vector128.FusedMultiplyAdd(Vector128.Create(a[k..]), Vector128.Create(b[k..]), chains);
        }

        for (var chain = 0; k < a.Length; k++, chain++)
        {
            chains = chains.WithElement(chain, MathF.FusedMultiplyAdd(a[k], b[k], chains[chain]));
        }

        return (chains[0] + chains[1]) + (chains[2] + chains[3]);
    }
}
