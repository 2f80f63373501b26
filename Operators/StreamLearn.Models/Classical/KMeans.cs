using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Unsupervised k-means with loss 1/(2n) Σ min over k of |x − w_k|².</summary>
/// <remarks> Shape: [rows, features] to [rows, centers], −½ |x − w_k|² for each center: the greatest is the nearest, the first on a tie.
/// State: none; slice <c>centers</c> [centers, features], normally distributed at first; if it counts, slice <c>counts</c> [centers], the
/// rows each center has won. Cost: centers × features multiply-adds per row. Order: squares in four chains over features k, k+4, k+8, …,
/// added as (0+1)+(2+3); a center's gradient adds its rows in order, then is divided by the number of all rows. A step of rate η moves a
/// center that wins m of n rows by η·m/n of the way to their mean. If it counts, no optimizer is used: the rows of a batch choose their
/// centers first, then each, in order, moves its center toward itself by 1/count of the distance. A center is then the mean of its rows;
/// the first row replaces the initial center. A batch gives the same bits as single rows unless moves change a row's choice. Aggregation
/// averages counts. Counts stop at 2²⁴, float32's limit. With a proximal term, the optimizer moves the centers and counts continue. Source:
/// MacQueen (1967); Bottou, Bengio (1995) for the gradient; Sculley (2010), <i>Web-scale k-means clustering</i>, algorithm 1, for batches
/// that count.
/// </remarks>
public sealed class KMeans : IModel, IEquatable<KMeans>
{
    internal const string Centers = "centers";

    private readonly int _features;
    private readonly long _seed;
    private readonly int _length;       // number of values of all centers

    /// <summary>Creates a model.</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="centers">Centers, at least 1.</param>
    /// <param name="seed">Seed of the initial centers.</param>
    /// <param name="columns">The float32 columns, in order; empty: any.</param>
    /// <param name="counts">Whether centers count rows and move by 1/count; default false: the optimizer moves them.</param>
    public KMeans(int features, int centers, long seed = 0, ImmutableArray<Field> columns = default, bool counts = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(centers, 1);
        if (!columns.IsDefaultOrEmpty && columns.Length != features)
        {
            throw new ArgumentException($"expected {features} columns, got {columns.Length}", nameof(columns));
        }

        (_features, _seed, Counts, _length) = (features, seed, counts, checked(features * centers));
        IEnumerable<(string, SliceKind, int)> slices = [(Centers, SliceKind.Trained, _length)];
        if (counts) { slices = slices.Append(("counts", SliceKind.Statistic, centers)); }
        Plan = new(new(features), centers, _length, slices, columns, "k-means") { Target = TargetKind.None };
        var values = new float[Plan.Values];
        var random = new RandomStream(seed, "k-means-initial");
        foreach (ref var value in values.AsSpan(0, _length)) { value = (float)random.NextGaussian(); }
        Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    /// <summary>Whether centers count their rows and move by 1/count.</summary>
    public bool Counts { get; }

    /// <inheritdoc />
    public ModelPlan Plan { get; }

    internal long Seed => _seed;

    /// <inheritdoc />
    public Weights Initial { get; }

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        gradients[.._length].Clear();
        var counts = gradients[_length..];
        weights[_length..].CopyTo(counts);
        double loss = 0;
        for (var r = 0; r < batch.Rows; r++)
        {
            var row = batch.Features.Slice(r * _features, _features);
            var nearest = NearestCenter.Find(weights[.._length], row, out var least);
            loss += 0.5 * least;
            if (Counts) { counts[nearest]++; }
            var center = weights.Slice(nearest * _features, _features);
            var gradient = gradients.Slice(nearest * _features, _features);
            for (var k = 0; k < row.Length; k++) { gradient[k] += center[k] - row[k]; }
        }

        if (batch.Rows > 1)
        {
            foreach (ref var gradient in gradients[.._length]) { gradient /= batch.Rows; }
        }

        return (float)(loss / batch.Rows);
    }

    /// <inheritdoc />
    public float Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(memory);
        return Counts ? Move(weights, batch, memory) : StepBy(optimizer, weights, batch, state, step, gradients, memory);
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        for (var r = 0; r < batch.Rows; r++)
        {
            var row = batch.Features.Slice(r * _features, _features);
            for (var c = 0; c < Plan.Outputs; c++)
            {
                outputs[(r * Plan.Outputs) + c] = -0.5f * NearestCenter.Squares(row, weights.Slice(c * _features, _features));
            }
        }
    }

    /// <summary>Plans memory for training and inference.</summary>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: no state.</param>
    /// <param name="threads">Ignored.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1) => new(
        Plan, ToString(), rows, optimizer, Counts ? Workspace.BytesOf(rows) : 0, 0);

    /// <inheritdoc />
    public bool Equals(KMeans? other) => other is not null && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as KMeans);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed);

    /// <inheritdoc />
    public override string ToString() => $"k-means {_features}→{Plan.Outputs}{(Counts ? " counting" : "")} seed {_seed}";

    private float StepBy(Optimizer optimizer, Span<float> weights, in Sample batch, Span<float> state, long step, Span<float> gradients,
        Workspace memory)
    {
        var loss = Loss(weights, batch, gradients, memory);
        if (float.IsFinite(loss)) { optimizer.Step(Plan, weights, gradients, state, step); }
        return loss;
    }

    private float Move(Span<float> weights, in Sample batch, Workspace memory)
    {
        Plan.RequireLoss(batch, weights.Length, Plan.Values);
        var mark = memory.Mark();
        var chosen = MemoryMarshal.Cast<float, int>(memory.Rent(batch.Rows));
        double sum = 0;
        for (var r = 0; r < batch.Rows; r++)
        {
            chosen[r] = NearestCenter.Find(weights[.._length], batch.Features.Slice(r * _features, _features), out var least);
            sum += 0.5 * least;
        }

        var loss = (float)(sum / batch.Rows);
        for (var r = 0; r < batch.Rows && float.IsFinite(loss); r++)
        {
            var row = batch.Features.Slice(r * _features, _features);
            var center = weights.Slice(chosen[r] * _features, _features);
            var rate = 1 / ++weights[_length + chosen[r]];
            for (var k = 0; k < row.Length; k++) { center[k] = MathF.FusedMultiplyAdd(rate, row[k] - center[k], center[k]); }
        }

        memory.Release(mark);
        return loss;
    }
}
