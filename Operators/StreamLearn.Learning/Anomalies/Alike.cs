namespace StreamLearn.Learning;

/// <summary>A channel that had one value in all rows that were learned from: it has no deviation to measure another value by.</summary>
internal static class Alike
{
    /// <summary>Deviations that another value counts at most.</summary>
    internal const double Most = 1000;

    /// <summary>A distance in deviations, bounded if all values were alike.</summary>
    internal static double Bound(double deviations, bool isAlike) => isAlike ? Math.Clamp(deviations, -Most, Most) : deviations;
}
