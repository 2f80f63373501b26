using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Signals and intermediate results in reused memory; missing values are NaN.</summary>
internal sealed class WindowSignals(FeatureLayout layout)
{
    private readonly Noted[] _noted = new Noted[layout.Signals.Length];
    private readonly double[] _gravity = new double[layout.Signals.Length];
    private float[] _values = [];
    private float[] _filled = [];
    private double[] _centered = [];
    private int _rows;
    private int _stride;        // length of a signal without its mean

    internal void Load(Batch window, double rate)
    {
        _rows = window.Rows;
        _stride = SignalSums.Lines(_rows) + SignalSums.Padding;
        if (_values.Length < _noted.Length * _rows) { _values = new float[_noted.Length * _rows]; }
        if (_centered.Length < _noted.Length * _stride) { _centered = new double[_noted.Length * _stride]; }
        for (var s = 0; s < layout.Signals.Length; s++)
        {
            var signal = layout.Signals[s];
            if (signal.Channel >= 0)
            {
                Copy(window.Columns[signal.Channel], Writable(s));
                if (signal.HasGravity) { _gravity[s] = Separate(Writable(s), rate, Centered(s)); }
            }
            else { Magnitudes(Values(signal.Axes.X), Values(signal.Axes.Y), Values(signal.Axes.Z), Writable(s)); }
        }
    }

    internal ReadOnlySpan<float> Values(int signal) => Writable(signal);

    internal Span<double> Centered(int signal) => _centered.AsSpan(signal * _stride, _stride);

    internal void Note(int signal, int present, SignalFeatures features) =>
        _noted[signal] = new(present == _rows, features.Squares,
            features.Values[BitOperations.TrailingZeroCount((int)Feature.MagnitudeArea)]);

    internal double Correlation(int first, int second)
    {
        var (a, b) = (_noted[first], _noted[second]);
        if (!a.IsWhole || !b.IsWhole) { return GappedSignal.Correlation(Values(first), Values(second)); }
        var lines = SignalSums.Lines(_rows);
        return GappedSignal.Correlation(SignalSums.Product(Centered(first)[..lines], Centered(second)[..lines]), a.Squares, b.Squares);
    }

    internal double Area(FeatureArea area) => _noted[area.X].Area + _noted[area.Y].Area + _noted[area.Z].Area;

    /// <summary>NaN if there is no value.</summary>
    internal double GravityOf(int signal) => _gravity[signal];

    private double Separate(Span<float> signal, double rate, Span<double> scratch)
    {
        if (TensorPrimitives.IsFiniteAll<float>(signal)) { return Gravity.Separate(signal, rate, scratch); }
        if (!TensorPrimitives.IsFiniteAny<float>(signal)) { return double.NaN; }
        if (_filled.Length < signal.Length) { _filled = new float[signal.Length]; }
        var filled = _filled.AsSpan(0, signal.Length);
        GappedSignal.Fill(signal, filled);
        var mean = Gravity.Separate(filled, rate, scratch);
        for (var row = 0; row < signal.Length; row++)
        {
            if (float.IsFinite(signal[row])) { signal[row] = filled[row]; }
        }

        return mean;
    }

    private Span<float> Writable(int signal) => _values.AsSpan(signal * _rows, _rows);

    internal static void Copy(Column channel, Span<float> target)
    {
        channel.Values<float>().CopyTo(target);
        if (channel.CountMissing() == 0) { return; }
        for (var row = 0; row < target.Length; row++)
        {
            if (!channel.IsValid(row)) { target[row] = float.NaN; }
        }
    }

    /// <summary>Computes √(x² + y² + z²) in float64, rounded to float32; not finite if an axis is not.</summary>
    internal static void Magnitudes(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> z, Span<float> target)
    {
        var row = 0;
        for (; row + Vector256<float>.Count <= target.Length; row += Vector256<float>.Count)
        {
            var (lowX, highX) = Vector256.Widen(Vector256.Create(x[row..]));
            var (lowY, highY) = Vector256.Widen(Vector256.Create(y[row..]));
            var (lowZ, highZ) = Vector256.Widen(Vector256.Create(z[row..]));
            var low = Vector256.Sqrt((lowX * lowX) + (lowY * lowY) + (lowZ * lowZ));
            var high = Vector256.Sqrt((highX * highX) + (highY * highY) + (highZ * highZ));
            Vector256.Narrow(low, high).CopyTo(target[row..]);
        }

        for (; row < target.Length; row++)
        {
            target[row] = (float)Math.Sqrt(((double)x[row] * x[row]) + ((double)y[row] * y[row]) + ((double)z[row] * z[row]));
        }
    }

    private readonly record struct Noted(bool IsWhole, double Squares, double Area);
}
