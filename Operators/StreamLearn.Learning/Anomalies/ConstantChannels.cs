namespace StreamLearn.Learning;

internal static class ConstantChannels
{
    private const double Rounding = 1e-7;       // relative rounding error of float32
    private const double Least = 1e-30;

    /// <summary>Maximum number of deviations for a value that differs.</summary>
    internal const double Most = 1000;

    /// <summary>Returns 1 divided by the deviation plus the rounding error of the values.</summary>
    internal static double Scale(double variance, double mean) => 1 / Math.Sqrt(variance + (Rounding * mean * Rounding * mean) + Least);

    internal static double Bound(double deviations, bool isAlike) => isAlike ? Math.Clamp(deviations, -Most, Most) : deviations;
}
