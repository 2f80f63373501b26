using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Multinomial logistic regression with bias over scaled channels: softmax(((x − mean) · inverse) · W + b).</summary>
/// <remarks> Shape: [rows, features] to [rows, classes]. State: none; slices <c>scale.mean</c>, <c>scale.inverse</c>, <c>dense.weight</c>
/// [features, classes] and <c>dense.bias</c>. Cost: features × (classes + 1) multiply-adds per row. Order: as <see cref="Dense"/>;
/// gradients of the mean, rows in order. Source: Cox (1958); softmax with the maximum subtracted. </remarks>
public sealed class SoftmaxRegression : IModel, IEquatable<SoftmaxRegression>
{
    private const int RowsAtOnce = 32;      // rows per inference call, to limit memory

    private readonly DenseProducts _products;
    private readonly long _seed;
    private readonly Slice _mean;
    private readonly Slice _inverse;
    private readonly Slice _weight;
    private readonly Slice _bias;

    /// <summary>Creates a model over any columns.</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="seed">Seed of the initial weights, uniform in ±1/√features; the bias is 0.</param>
    public SoftmaxRegression(int features, int classes, long seed = 0)
        : this(features, classes, seed, [])
    {
    }

    /// <summary>Creates a model over named columns; names and units are in the schema.</summary>
    /// <param name="features">The float32 columns, in order.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="seed">Seed of the initial weights, uniform in ±1/√features; the bias is 0.</param>
    public SoftmaxRegression(ImmutableArray<Field> features, int classes, long seed = 0)
        : this(features.Length, classes, seed, features)
    {
    }

    private SoftmaxRegression(int features, int classes, long seed, ImmutableArray<Field> fields)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        (_seed, _products) = (seed, new(features, classes));
        Plan = new(
            new(features),
            classes,
            (long)features * (classes + 1),
            [
                (ModelPlan.ScaleMean, SliceKind.Statistic, features),
                (ModelPlan.ScaleInverse, SliceKind.Statistic, features),
                ("dense.weight", SliceKind.Trained, checked(features * classes)),
                ("dense.bias", SliceKind.Trained, classes),
            ],
            fields);
        (_mean, _inverse, _weight, _bias) = (Plan.Slices[0], Plan.Slices[1], Plan.Slices[2], Plan.Slices[3]);
        Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = Seeded() };
    }

    /// <inheritdoc />
    public ModelPlan Plan { get; }

    internal long Seed => _seed;

    /// <inheritdoc />
    public Weights Initial { get; }

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        var mark = memory.Mark();
        var call = Forward(weights, batch, memory, out var loss);
        _weight.Of(gradients).Clear();
        _bias.Of(gradients).Clear();
        Backward(weights, call, gradients, default);
        _mean.Of(weights).CopyTo(_mean.Of(gradients));
        _inverse.Of(weights).CopyTo(_inverse.Of(gradients));
        memory.Release(mark);
        return loss;
    }

    /// <inheritdoc />
    public float Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(memory);
        optimizer.Check(Plan, state.Length, step);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        if (optimizer.FusedUpdate is not var (rate, momentum))
        {
            var before = Loss(weights, batch, gradients, memory);
            if (float.IsFinite(before)) { optimizer.Step(Plan, weights, gradients, state, step); }
            return before;
        }

        var mark = memory.Mark();
        var call = Forward(weights, batch, memory, out var loss);
        if (float.IsFinite(loss))
        {
            var descent = new FusedUpdate { Weights = weights, Velocity = momentum == 0 ? [] : state, Rate = rate, Momentum = momentum };
            Backward(weights, call, gradients, descent.Of(_weight.Offset, _weight.Length + _bias.Length));
        }

        memory.Release(mark);
        return loss;
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        var mark = memory.Mark();
        var (features, classes) = (Plan.Input.Size, Plan.Outputs);
        var rented = memory.Rent(InferenceValues(batch.Rows));
        var scaled = rented[..(Math.Min(batch.Rows, RowsAtOnce) * features)];
        var scratch = rented[scaled.Length..];
        for (var from = 0; from < batch.Rows; from += RowsAtOnce)
        {
            var rows = Math.Min(batch.Rows - from, RowsAtOnce);
            var scores = outputs.Slice(from * classes, rows * classes);
            Scores(weights, batch.Features.Slice(from * features, rows * features), rows, scaled, scores, scratch);
            for (var r = 0; r < rows; r++) { Softmax.Probabilities(scores.Slice(r * classes, classes)); }
        }

        memory.Release(mark);
    }

    /// <summary>Plans memory for training and inference.</summary>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: no state.</param>
    /// <param name="threads">Ignored.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1) => new(Plan, ToString(), rows, optimizer,
        Workspace.BytesOf(StepValues(rows)), Workspace.BytesOf(InferenceValues(rows)));

    /// <inheritdoc />
    public bool Equals(SoftmaxRegression? other) => other is not null && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SoftmaxRegression);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed);

    /// <inheritdoc />
    public override string ToString() => $"softmax {Plan.Input.Size}→{Plan.Outputs} seed {_seed}";

    private Passed Forward(ReadOnlySpan<float> weights, in Sample batch, Workspace memory, out float loss)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Rows, 1, nameof(batch));
        var (features, classes) = (Plan.Input.Size, Plan.Outputs);
        var rented = memory.Rent(StepValues(batch.Rows));       // one block, so the memory plan is known in advance
        var scaled = rented[..(batch.Rows * features)];
        var scores = rented.Slice(scaled.Length, batch.Rows * classes);
        var scratch = rented[(scaled.Length + scores.Length)..];
        Scores(weights, batch.Features[..(batch.Rows * features)], batch.Rows, scaled, scores, scratch);
        double sum = 0;
        for (var r = 0; r < batch.Rows; r++)
        {
            var row = scores.Slice(r * classes, classes);
            var weight = batch.RowWeights.IsEmpty ? 1 : batch.RowWeights[r];
            sum += weight * Softmax.Loss(row, batch.LogitOffsets, batch.Labels[r]);
            if (weight == 1) { continue; }
            foreach (ref var score in row) { score *= weight; }
        }

        var factor = 1f / batch.Rows;
        foreach (ref var score in scores) { score *= factor; }
        loss = (float)(sum / batch.Rows);
        return new() { Scaled = scaled, Gradients = scores, Scratch = scratch };
    }

    private void Scores(ReadOnlySpan<float> weights, ReadOnlySpan<float> rows, int count, Span<float> scaled, Span<float> scores,
        Span<float> scratch)
    {
        var features = Plan.Input.Size;
        for (var at = 0; at < rows.Length; at += features)
        {
            Scale(rows.Slice(at, features), _mean.Of(weights), _inverse.Of(weights), scaled.Slice(at, features));
        }

        _products.Forward(new()
        {
            Input = Plan.Input,
            Rows = count,
            Weights = weights[_weight.Offset..],
            Inputs = scaled,
            Outputs = scores,
            Scratch = scratch,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(ReadOnlySpan<float> row, ReadOnlySpan<float> mean, ReadOnlySpan<float> inverse, Span<float> target)
    {
        var values = Vectors256(row);
        var means = Vectors256(mean);
        var inverses = Vectors256(inverse);
        var targets = MemoryMarshal.Cast<float, Vector256<float>>(target);
        for (var i = 0; i < targets.Length; i++) { targets[i] = (values[i] - means[i]) * inverses[i]; }
        for (var i = targets.Length * Vector256<float>.Count; i < target.Length; i++) { target[i] = (row[i] - mean[i]) * inverse[i]; }
    }

    private static ReadOnlySpan<Vector256<float>> Vectors256(ReadOnlySpan<float> values) =>
        MemoryMarshal.Cast<float, Vector256<float>>(values);

    private void Backward(ReadOnlySpan<float> weights, Passed passed, Span<float> gradients, FusedUpdate descent) =>
        _products.Backward(new()
        {
            Input = Plan.Input,
            Rows = passed.Gradients.Length / Plan.Outputs,
            Weights = weights[_weight.Offset..],
            Inputs = passed.Scaled,
            OutputGradients = passed.Gradients,
            Gradients = gradients[_weight.Offset..],
            FusedUpdate = descent,
            Scratch = passed.Scratch,
        });

    private int StepValues(int rows) =>
        checked(_products.ScratchValues + (rows * (Plan.Input.Size + Plan.Outputs + DenseProducts.ScratchValuesPerRow)));

    private int InferenceValues(int rows) => Math.Min(rows, RowsAtOnce) * (Plan.Input.Size + DenseProducts.ScratchValuesPerRow);

    private ImmutableArray<float> Seeded()
    {
        var values = new float[Plan.Values];
        _inverse.Of(values.AsSpan()).Fill(1);
        var random = new RandomStream(_seed, "softmax-initial");
        var bound = 1 / Math.Sqrt(Plan.Input.Size);
        foreach (ref var value in _weight.Of(values.AsSpan())) { value = (float)random.NextDouble(-bound, bound); }
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private readonly ref struct Passed
    {
        internal ReadOnlySpan<float> Scaled { get; init; }

        internal ReadOnlySpan<float> Gradients { get; init; }

        /// <summary>Scratch memory with undefined content.</summary>
        internal Span<float> Scratch { get; init; }
    }
}
