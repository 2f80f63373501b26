namespace StreamLearn.Operators;

/// <summary>Separates gravity from a window's acceleration by a low-pass filter.</summary>
/// <remarks>A Butterworth filter of order 3 at 0.3 Hz, run forward and backward for zero delay; each pass starts as if the first value had
/// always been present. Cost: O(n). Source: Anguita et al. (2013) for order and frequency; Oppenheim, Schafer, Discrete-Time Signal
/// Processing, for the bilinear transform.</remarks>
internal static class Gravity
{
    private const double Hertz = 0.3;

    /// <summary>Subtracts gravity from a complete signal in place. <paramref name="rate"/>: rows per second; at 0.6 or less, the whole
    /// signal is gravity.</summary>
    internal static double Separate(Span<float> signal, double rate, Span<double> scratch)
    {
        var gravity = scratch[..signal.Length];
        for (var i = 0; i < signal.Length; i++) { gravity[i] = signal[i]; }
        if (rate > 2 * Hertz)
        {
            var warped = Math.Tan(Math.PI * Hertz / rate);
            Filter(gravity, warped);
            gravity.Reverse();
            Filter(gravity, warped);
            gravity.Reverse();
        }

        var sum = 0.0;
        for (var i = 0; i < signal.Length; i++)
        {
            sum += gravity[i];
            signal[i] = (float)(signal[i] - gravity[i]);
        }

        return sum / signal.Length;
    }

    private static void Filter(Span<double> values, double w)
    {
        var (one, square) = (w / (1 + w), w * w);
        var two = square / (1 + w + square);
        var (back, back1, back2) = ((w - 1) / (1 + w), 2 * (square - 1) / (1 + w + square), (1 - w + square) / (1 + w + square));
        var first = values[0];
        var (x, y, y1, z1, z2) = (first, first, first, first, first);       // the previous row, and the one before it
        foreach (ref var value in values)
        {
            var stage = (one * (value + x)) - (back * y);
            var filtered = (two * (stage + (2 * y) + y1)) - (back1 * z1) - (back2 * z2);
            (x, y1, y) = (value, y, stage);
            (z2, z1) = (z1, filtered);
            value = filtered;
        }
    }
}
