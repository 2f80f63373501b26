using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>Ridge regression for several outputs, in a fixed element order: the same bits on every processor. Source: Golub, Van Loan
/// (2013), Cholesky factorization by rows, algorithm 4.2.</summary>
internal sealed class NormalEquations(int inputs, int outputs)
{
    private const int BlockRows = 32;       // keeps a row of products in the first-level cache for several rows

    private readonly double[] _products = new double[inputs * inputs];      // Σ xᵢxⱼ, j ≥ i
    private readonly double[] _sides = new double[inputs * outputs];        // Σ xᵢy
    private readonly double[] _block = new double[BlockRows * inputs];
    private int _held;      // rows in the block

    internal void Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        x.CopyTo(_block.AsSpan(_held * inputs));
        for (var i = 0; i < inputs; i++) { AddTo(_sides.AsSpan(i * outputs, outputs), y, x[i]); }
        if (++_held == BlockRows) { AddBlock(); }
    }

    /// <summary>Minimizes Σ(y − xw)² + penalty · w²; weights <c>[inputs, outputs]</c>, upperᵀ · upper is products plus penalty.</summary>
    internal (double[] Weights, double[] Upper) Factor(double penalty)
    {
        AddBlock();
        var (upper, weights) = ((double[])_products.Clone(), (double[])_sides.Clone());
        for (var i = 0; i < inputs; i++)        // products + penalty = upperᵀ · upper, and upperᵀ · weights = sides
        {
            var row = Row(upper, i);
            var weight = weights.AsSpan(i * outputs, outputs);
            row[0] += penalty;
            for (var k = 0; k < i; k++)
            {
                var before = Row(upper, k)[(i - k)..];
                AddTo(weight, weights.AsSpan(k * outputs, outputs), -before[0]);
                AddTo(row, before, -before[0]);
            }

            var pivot = 1 / Math.Sqrt(row[0]);      // positive: the penalty is added to a sum of squares
            TensorPrimitives.Multiply(row, pivot, row);
            TensorPrimitives.Multiply(weight, pivot, weight);
        }

        for (var i = inputs - 1; i >= 0; i--)       // upper · weights = solved
        {
            var row = i * inputs;
            var weight = weights.AsSpan(i * outputs, outputs);
            for (var k = i + 1; k < inputs; k++) { AddTo(weight, weights.AsSpan(k * outputs, outputs), -upper[row + k]); }
            TensorPrimitives.Multiply(weight, 1 / upper[row + i], weight);
        }

        return (weights, upper);
    }

    /// <summary>0 to 1: x · (upperᵀ · upper)⁻¹ · x.</summary>
    internal double Leverage(double[] upper, Span<double> x)
    {
        var sum = 0.0;
        for (var i = 0; i < inputs; i++)        // upperᵀ · solved = x
        {
            var row = Row(upper, i);
            x[i] /= row[0];
            sum += x[i] * x[i];
            AddTo(x[(i + 1)..], row[1..], -x[i]);
        }

        return sum;
    }

    private void AddBlock()
    {
        for (var i = 0; i < inputs; i++)
        {
            var row = Row(_products, i);
            for (var r = 0; r < _held; r++)
            {
                var x = _block.AsSpan(r * inputs, inputs)[i..];
                AddTo(row, x, x[0]);
            }
        }

        _held = 0;
    }

    private Span<double> Row(double[] of, int i) => of.AsSpan((i * inputs) + i, inputs - i);

    private static void AddTo(Span<double> target, ReadOnlySpan<double> values, double factor) =>
        TensorPrimitives.MultiplyAdd(values, factor, target, target);
}
