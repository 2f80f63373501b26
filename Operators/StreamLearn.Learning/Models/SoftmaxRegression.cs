using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>
/// Multinomial logistic regression with bias, over channels that a first layer scales: softmax(((x − mean) · inverse) · W + b).
/// </summary>
/// <remarks>
/// Shape: [rows, features] to [rows, classes]. State: none; slices <c>scale.mean</c>, <c>scale.inverse</c>, <c>dense.weight</c> [features,
/// classes]
/// and <c>dense.bias</c>. Cost: features × (classes + 1) multiply-adds a row. Source: Cox (1958); softmax with the maximum taken away.
/// </remarks>
public sealed class SoftmaxRegression : IModel, IEquatable<SoftmaxRegression>
{
    private readonly long _seed;
    private readonly Slice _mean;
    private readonly Slice _inverse;
    private readonly Slice _weight;
    private readonly Slice _bias;

    /// <summary>Makes a model over any columns of the right number.</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="seed">Seed of the initial weights, uniform in ±1/√features; bias 0.</param>
    public SoftmaxRegression(int features, int classes, long seed = 0)
        : this(features, classes, seed, [])
    {
    }

    /// <summary>Makes a model over named columns: their names and units belong to the schema that models and updates carry.</summary>
    /// <param name="features">The float32 columns, in order.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="seed">Seed of the initial weights, uniform in ±1/√features; bias 0.</param>
    public SoftmaxRegression(ImmutableArray<Field> features, int classes, long seed = 0)
        : this(features.Length, classes, seed, features)
    {
    }

    private SoftmaxRegression(int features, int classes, long seed, ImmutableArray<Field> fields)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _seed = seed;
        Plan = new(
            new(features),
            classes,
            (long)features * (classes + 1),
            [
                (ModelPlan.ScaleMean, SliceKind.Statistic, features),
                (ModelPlan.ScaleInverse, SliceKind.Statistic, features),
                ("dense.weight", SliceKind.Trained, features * classes),
                ("dense.bias", SliceKind.Trained, classes),
            ],
            fields);
        (_mean, _inverse, _weight, _bias) = (Plan.Slices[0], Plan.Slices[1], Plan.Slices[2], Plan.Slices[3]);
        Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = Seeded() };
    }

    /// <inheritdoc />
    public ModelPlan Plan { get; }

    /// <inheritdoc />
    public Weights Initial { get; }

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Rows, 1, nameof(batch));
        gradients.Clear();
        var mark = memory.Mark();
        var (features, classes) = (Plan.Input.Size, Plan.Outputs);
        var scaled = memory.Rent(features);
        var scores = memory.Rent(classes);
        var chains = memory.Rent(4 * classes);
        double loss = 0;
        for (var r = 0; r < batch.Rows; r++)
        {
            Forward(weights, batch.Features.Slice(r * features, features), scaled, scores, chains);
            loss += Softmax.Loss(scores, batch.LogitOffsets, batch.Labels[r]);
            Linear.Backward(scaled, scores, _weight.Of(gradients), _bias.Of(gradients));
        }

        var trained = gradients[_weight.Offset..];
        for (var i = 0; i < trained.Length; i++) { trained[i] /= batch.Rows; }
        _mean.Of(weights).CopyTo(_mean.Of(gradients));
        _inverse.Of(weights).CopyTo(_inverse.Of(gradients));
        memory.Release(mark);
        return (float)(loss / batch.Rows);
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var mark = memory.Mark();
        var (features, classes) = (Plan.Input.Size, Plan.Outputs);
        var scaled = memory.Rent(features);
        var chains = memory.Rent(4 * classes);
        for (var r = 0; r < batch.Rows; r++)
        {
            var scores = outputs.Slice(r * classes, classes);
            Forward(weights, batch.Features.Slice(r * features, features), scaled, scores, chains);
            Softmax.Probabilities(scores);
        }

        memory.Release(mark);
    }

    /// <inheritdoc />
    public bool Equals(SoftmaxRegression? other) => other is not null && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SoftmaxRegression);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed);

    /// <inheritdoc />
    public override string ToString() => $"softmax {Plan.Input.Size}→{Plan.Outputs} seed {_seed}";

    private void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> row, Span<float> scaled, Span<float> scores, Span<float> chains)
    {
        var mean = _mean.Of(weights);
        var inverse = _inverse.Of(weights);
        for (var k = 0; k < scaled.Length; k++) { scaled[k] = (row[k] - mean[k]) * inverse[k]; }
        Linear.Forward(scaled, _weight.Of(weights), _bias.Of(weights), scores, chains);
    }

    private ImmutableArray<float> Seeded()
    {
        var values = new float[Plan.Values];
        _inverse.Of(values.AsSpan()).Fill(1);
        var random = new RandomStream(_seed, "softmax-initial");
        var bound = 1 / Math.Sqrt(Plan.Input.Size);
        foreach (ref var value in _weight.Of(values.AsSpan())) { value = (float)random.NextDouble(-bound, bound); }
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
