namespace StreamLearn.Samples;

/// <summary>A table from uniform bits to normal noise: quantiles at the midpoints of equal parts, scaled to unit variance. Source: Acklam
/// (2003), relative error 1.2e-9.</summary>
internal static class NormalQuantiles
{
    private const double Tail = 0.02425;

    private static ReadOnlySpan<double> TailNumerator =>
    [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783,
    ];

    private static ReadOnlySpan<double> TailDenominator =>
        [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1];

    private static ReadOnlySpan<double> MiddleNumerator =>
    [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
        1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239,
    ];

    private static ReadOnlySpan<double> MiddleDenominator =>
    [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1,
    ];

    internal static float[] Table(int size)
    {
        var quantiles = new double[size];
        var squares = 0.0;
        for (var i = 0; i < size; i++)
        {
            quantiles[i] = Inverse((i + 0.5) / size);
            squares += quantiles[i] * quantiles[i];
        }

        var scale = 1 / Math.Sqrt(squares / size);
        return Array.ConvertAll(quantiles, q => (float)(q * scale));
    }

    internal static double Inverse(double p)
    {
        if (p > 1 - Tail) { return -Inverse(1 - p); }
        if (p < Tail)
        {
            var t = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(t, TailNumerator) / Polynomial(t, TailDenominator);
        }

        var q = p - 0.5;
        return q * Polynomial(q * q, MiddleNumerator) / Polynomial(q * q, MiddleDenominator);
    }

    private static double Polynomial(double x, ReadOnlySpan<double> highestFirst)
    {
        var value = 0.0;
        foreach (var coefficient in highestFirst) { value = (value * x) + coefficient; }
        return value;
    }
}
