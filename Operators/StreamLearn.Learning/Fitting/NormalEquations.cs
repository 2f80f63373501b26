using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>Sums over rows of which least squares with a penalty follow, for several outputs at once. Element by element in a fixed order:
/// the same bits on every processor.</summary>
/// <remarks>Source: Golub, Van Loan (2013), Cholesky factorization by rows, algorithm 4.2.</remarks>
internal sealed class NormalEquations(int inputs, int outputs)
{
    private const int BlockRows = 32;       // so that a row of the products is in the nearest cache for several rows

    private readonly double[] _products = new double[inputs * inputs];      // Σ xᵢxⱼ, j ≥ i
    private readonly double[] _sides = new double[inputs * outputs];        // Σ xᵢy
    private readonly double[] _block = new double[BlockRows * inputs];
    private int _held;      // rows of the block
    private long _rows;
    private double _squares;        // Σ y²

    /// <summary>Adds a row.</summary>
    internal void Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        x.CopyTo(_block.AsSpan(_held * inputs));
        for (var i = 0; i < inputs; i++) { AddTo(_sides.AsSpan(i * outputs, outputs), y, x[i]); }
        foreach (var side in y) { _squares += side * side; }
        _rows++;
        if (++_held == BlockRows) { AddBlock(); }
    }

    /// <summary>The weights, <c>[inputs, outputs]</c>, for which Σ(y − xw)² + penalty · w² is least, and how far they are expected to be
    /// from rows that they were not taken from, for the choice of a penalty.</summary>
    /// <remarks>Source: Golub, Heath, Wahba (1979), generalized cross-validation, with the mean as one more degree of freedom.</remarks>
    internal (double[] Weights, double Distance) Solve(double penalty)
    {
        var (weights, upper) = Factor(penalty);
        var left = Math.Max(0, _squares - Dot(weights, _sides) - (penalty * Dot(weights, weights)));
        var free = Math.Max(0.5, _rows - 1 - (inputs - (penalty * TraceOfInverse(upper))));
        return (weights, _rows * left / (free * free));
    }

    /// <summary>The weights alone.</summary>
    internal double[] Weights(double penalty) => Factor(penalty).Weights;

    private (double[] Weights, double[] Upper) Factor(double penalty)
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

            var pivot = 1 / Math.Sqrt(row[0]);      // above 0: the penalty is added to a sum of squares
            TensorPrimitives.Multiply(row, pivot, row);
            TensorPrimitives.Multiply(weight, pivot, weight);
        }

        for (var i = inputs - 1; i >= 0; i--)       // upper · weights = these
        {
            var row = i * inputs;
            var weight = weights.AsSpan(i * outputs, outputs);
            for (var k = i + 1; k < inputs; k++) { AddTo(weight, weights.AsSpan(k * outputs, outputs), -upper[row + k]); }
            TensorPrimitives.Multiply(weight, 1 / upper[row + i], weight);
        }

        return (weights, upper);
    }

    /// <summary>The trace of the inverse of upperᵀ · upper: the squares of the inverse of upper.</summary>
    private double TraceOfInverse(double[] upper)
    {
        var (inverse, trace) = (new double[upper.Length], 0.0);
        for (var i = inputs - 1; i >= 0; i--)
        {
            var row = Row(inverse, i);
            row[0] = 1;
            for (var k = i + 1; k < inputs; k++) { AddTo(row[(k - i)..], Row(inverse, k), -upper[(i * inputs) + k]); }
            TensorPrimitives.Multiply(row, 1 / upper[(i * inputs) + i], row);
            trace += Dot(row, row);
        }

        return trace;
    }

    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;      // in order
        for (var i = 0; i < a.Length; i++) { sum += a[i] * b[i]; }
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

    /// <summary>A row from its diagonal on.</summary>
    private Span<double> Row(double[] of, int i) => of.AsSpan((i * inputs) + i, inputs - i);

    private static void AddTo(Span<double> target, ReadOnlySpan<double> values, double factor) =>
        TensorPrimitives.MultiplyAdd(values, factor, target, target);
}
