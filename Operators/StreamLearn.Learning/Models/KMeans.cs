using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>
/// Centers that each stand for the rows nearest to them: 1/(2n) Σ min over k of |x − w_k|². Rows need bring nothing along.
/// </summary>
/// <remarks>
/// Shape: [rows, features] to [rows, centers], −½ |x − w_k|² for each center: the greatest is the nearest, the first of equals. State:
/// none; slice <c>centers</c> [centers, features], normally distributed at first. Cost: centers × features multiply-adds a row.
/// Order: squares in four chains over features k, k+4, k+8, …, added as (0+1)+(2+3); a center's gradient adds its rows in order, then is
/// divided by the number of all rows.
/// A batch and its rows: the gradient of a batch is the mean of the gradients of its rows, up to rounding. A step of plain gradient descent
/// of rate η moves a center that wins m of n rows by the share η·m/n of the way to their mean; with one center and η = 1 onto it. Steps of
/// one row each, of rate 1/i for the i-th, lead there as well (MacQueen's rule); steps of one row of a constant rate do not, and a row may
/// be won by another center because those before it have moved.
/// Source: MacQueen (1967); Bottou, Bengio (1995) for the gradient.
/// </remarks>
public sealed class KMeans : IModel, IEquatable<KMeans>
{
    internal const string Centers = "centers";

    private readonly int _features;
    private readonly long _seed;

    /// <summary>Makes a model.</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="centers">Centers, at least 1.</param>
    /// <param name="seed">Seed of the initial centers.</param>
    /// <param name="columns">The float32 columns, in order; empty if any columns of the right number will do.</param>
    public KMeans(int features, int centers, long seed = 0, ImmutableArray<Field> columns = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(centers, 1);
        if (!columns.IsDefaultOrEmpty && columns.Length != features)
        {
            throw new ArgumentException($"expected {features} columns, got {columns.Length}", nameof(columns));
        }

        (_features, _seed) = (features, seed);
        var values = new float[checked(features * centers)];
        Plan = new(new(features), centers, values.Length, [(Centers, SliceKind.Trained, values.Length)], columns, "k-means")
        {
            Target = TargetKind.None,
        };
        var random = new RandomStream(seed, "k-means-initial");
        foreach (ref var value in values.AsSpan()) { value = (float)random.NextGaussian(); }
        Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    /// <inheritdoc />
    public ModelPlan Plan { get; }

    internal long Seed => _seed;

    /// <inheritdoc />
    public Weights Initial { get; }

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Rows, 1, nameof(batch));
        gradients.Clear();
        double loss = 0;
        for (var r = 0; r < batch.Rows; r++)
        {
            var row = batch.Features.Slice(r * _features, _features);
            var (nearest, least) = (0, float.PositiveInfinity);
            for (var c = 0; c < Plan.Outputs; c++)
            {
                var squares = Squares(row, weights.Slice(c * _features, _features));
                if (squares < least) { (nearest, least) = (c, squares); }
            }

            loss += 0.5 * least;
            var center = weights.Slice(nearest * _features, _features);
            var gradient = gradients.Slice(nearest * _features, _features);
            for (var k = 0; k < row.Length; k++) { gradient[k] += center[k] - row[k]; }
        }

        if (batch.Rows > 1)
        {
            foreach (ref var gradient in gradients) { gradient /= batch.Rows; }
        }

        return (float)(loss / batch.Rows);
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        for (var r = 0; r < batch.Rows; r++)
        {
            var row = batch.Features.Slice(r * _features, _features);
            for (var c = 0; c < Plan.Outputs; c++)
            {
                outputs[(r * Plan.Outputs) + c] = -0.5f * Squares(row, weights.Slice(c * _features, _features));
            }
        }
    }

    /// <summary>Memory that learning from a batch and answering one take.</summary>
    /// <param name="rows">Rows of a batch, at least 1.</param>
    /// <param name="optimizer">What moves the values; null: nothing is remembered.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null) => new(Plan, ToString(), rows, optimizer, 0, 0);

    /// <inheritdoc />
    public bool Equals(KMeans? other) => other is not null && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as KMeans);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed);

    /// <inheritdoc />
    public override string ToString() => $"k-means {_features}→{Plan.Outputs} seed {_seed}";

    /// <summary>|a − b|² in four chains.</summary>
    private static float Squares(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var chains = Vector128<float>.Zero;
        var k = 0;
        for (; k + 4 <= a.Length; k += 4)
        {
            var difference = Vector128.Create(a[k..]) - Vector128.Create(b[k..]);
            chains = Vector128.FusedMultiplyAdd(difference, difference, chains);
        }

        for (var chain = 0; k < a.Length; k++, chain++)
        {
            var difference = a[k] - b[k];
            chains = chains.WithElement(chain, MathF.FusedMultiplyAdd(difference, difference, chains[chain]));
        }

        return (chains[0] + chains[1]) + (chains[2] + chains[3]);
    }
}
