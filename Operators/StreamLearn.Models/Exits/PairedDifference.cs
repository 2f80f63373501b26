namespace StreamLearn.Models;

internal static class PairedDifference
{
    /// <summary>Returns whether a one-sided test rejects a loss of at least the limit.</summary>
    /// <remarks>The test is (lost − gained + ½ − n·d) ÷ √(n·(2q + d·(1 − d))) ≤ −quantile, where q is the maximum-likelihood share gained
    /// if the loss is the limit d. Source: Tango (1998).</remarks>
    internal static bool IsBelow(double bound, ExitOutcome outcome, int rows, double quantile)
    {
        double lost = outcome.Lost, gained = outcome.Gained, n = rows;
        var b = (((2 * n) - lost + gained) * bound) - lost - gained;
        var c = -gained * bound * (1 - bound);
        var share = (Math.Sqrt((b * b) - (8 * n * c)) - b) / (4 * n);
        var deviation = Math.Sqrt(n * ((2 * share) + (bound * (1 - bound))));
        return deviation > 0 && lost - gained + 0.5 - (n * bound) <= -quantile * deviation;
    }

    internal static int MinRows(double bound, double quantile)
    {
        if (bound == 0) { return int.MaxValue; }
        var a = quantile * Math.Sqrt(1 - bound);
        var root = (a + Math.Sqrt((a * a) + 2)) / 2;
        return (int)Math.Min(int.MaxValue, Math.Ceiling(root * root / bound));
    }

    /// <summary>Returns the upper normal quantile. Source: Abramowitz, Stegun (1964), 26.2.23, to 0.00045.</summary>
    internal static double Quantile(double risk)
    {
        var t = Math.Sqrt(-2 * Math.Log(risk));
        return t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
    }
}
