using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>Ridge regression for several outputs, in a fixed order of elements, so that every processor gives the same bits. Source: Golub,
/// Van Loan (2013), Cholesky factorization by rows, algorithm 4.2.</summary>
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

    /// <summary>Minimizes Σ(y − xw)² + penalty · w². Weights: <c>[inputs, outputs]</c>; upperᵀ · upper: products plus penalty.</summary>
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

            var pivot = 1 / Math.Sqrt(row[0]);      // positive, because the penalty is added to a sum of squares
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

    /// <summary>Computes x · (upperᵀ · upper)⁻¹ · x, 0 to 1, of several rows: <paramref name="x"/> is <c>[inputs, rows]</c>.</summary>
    internal void Leverages(double[] upper, Span<double> x, Span<double> sums)
    {
        sums.Clear();
        for (var i = 0; i < inputs; i++)        // upperᵀ · solved = x
        {
            var row = Row(upper, i);
            var solved = x.Slice(i * sums.Length, sums.Length);
            TensorPrimitives.Divide(solved, row[0], solved);
            TensorPrimitives.MultiplyAdd(solved, solved, sums, sums);
            for (var k = 1; k < row.Length; k++) { AddTo(x.Slice((i + k) * sums.Length, sums.Length), solved, -row[k]); }
        }
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // most fits are over before calls become fast
    private static void AddTo(Span<double> target, ReadOnlySpan<double> values, double factor)
    {
        var i = 0;
        for (var all = Vector512.Create(factor); i + Vector512<double>.Count <= target.Length; i += Vector512<double>.Count)
        {
            ((Vector512.Create(values[i..]) * all) + Vector512.Create<double>(target[i..])).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++) { target[i] = (values[i] * factor) + target[i]; }
    }
}
