using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>Minimizes a smooth function in a fixed order of elements, so that every processor gives the same bits. Source: Nocedal (1980),
/// Liu, Nocedal (1989), L-BFGS; Nocedal, Wright (2006), algorithms 7.4 and 3.1.</summary>
internal sealed class LimitedMemory
{
    private const int Kept = 10;
    private const int MaxHalvings = 30;
    private const double Share = 1e-4;          // required share of the decrease predicted by the slope
    private const double Noise = 1e-7;          // noise of a float32 loss

    private readonly Function _function;
    private readonly List<(double[] Move, double[] Change, double Product)> _pairs = [];

    internal LimitedMemory(Function function, double[] start)
    {
        (_function, At, Gradient) = (function, start, new double[start.Length]);
        Value = function(At, Gradient);
    }

    internal delegate double Function(ReadOnlySpan<double> at, Span<double> gradient);

    internal double[] At { get; private set; }

    internal double[] Gradient { get; private set; }

    internal double Value { get; private set; }

    internal bool Step()
    {
        if (Search(Direction())) { return true; }
        if (_pairs.Count == 0) { return false; }
        _pairs.Clear();
        return Search(Direction());
    }

    private double[] Direction()
    {
        var direction = Array.ConvertAll(Gradient, static g => -g);
        var along = new double[_pairs.Count];
        for (var i = _pairs.Count - 1; i >= 0; i--)
        {
            var (move, change, product) = _pairs[i];
            along[i] = Dot(move, direction) / product;
            TensorPrimitives.MultiplyAdd(change, -along[i], direction, direction);
        }

        if (_pairs is [.., var (_, last, size)]) { TensorPrimitives.Multiply(direction, size / Dot(last, last), direction); }

        for (var i = 0; i < _pairs.Count; i++)
        {
            var (move, change, product) = _pairs[i];
            TensorPrimitives.MultiplyAdd(move, along[i] - (Dot(change, direction) / product), direction, direction);
        }

        return direction;
    }

    private bool Search(double[] direction)
    {
        var slope = Dot(Gradient, direction);
        if (!(slope < 0)) { return false; }
        var length = _pairs.Count > 0 ? 1 : Math.Min(1, 1 / Math.Sqrt(-slope));
        var (at, gradient) = (new double[At.Length], new double[At.Length]);
        for (var i = 0; i < MaxHalvings; i++, length /= 2)
        {
            TensorPrimitives.MultiplyAdd(direction, length, At, at);
            var value = _function(at, gradient);
            if (!(value <= Value + (Share * length * slope) + (Noise * Math.Abs(Value)))) { continue; }
            Keep(at, gradient);
            (At, Gradient, Value) = (at, gradient, value);
            return true;
        }

        return false;
    }

    private void Keep(double[] at, double[] gradient)
    {
        var (move, change) = (new double[at.Length], new double[at.Length]);
        TensorPrimitives.Subtract(at, At, move);
        TensorPrimitives.Subtract(gradient, Gradient, change);
        var product = Dot(move, change);
        if (!(product > 1e-12 * Dot(move, move))) { return; }       // the function is flat, or only noise is left
        if (_pairs.Count == Kept) { _pairs.RemoveAt(0); }
        _pairs.Add((move, change, product));
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;      // in a fixed order
        for (var i = 0; i < a.Length; i++) { sum += a[i] * b[i]; }
        return sum;
    }
}
