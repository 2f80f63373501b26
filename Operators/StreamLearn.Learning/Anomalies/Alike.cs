namespace StreamLearn.Learning;

/// <summary>Deviations of channels, in any unit: a channel that had one value in all rows that were learned from has none to measure
/// another value by.</summary>
internal static class Alike
{
    private const double Rounding = 1e-7;       // of a float32, as a share of it
    private const double Least = 1e-30;

    /// <summary>Deviations that another value counts at most.</summary>
    internal const double Most = 1000;

    /// <summary>What a value is multiplied by after its mean is taken away: one over the deviation, to which the rounding of values is
    /// added.</summary>
    internal static double Scale(double variance, double mean) =>
        1 / Math.Sqrt(variance + (Rounding * mean * Rounding * mean) + Least);

    /// <summary>A distance in deviations, bounded if all values were alike.</summary>
    internal static double Bound(double deviations, bool isAlike) => isAlike ? Math.Clamp(deviations, -Most, Most) : deviations;
}
