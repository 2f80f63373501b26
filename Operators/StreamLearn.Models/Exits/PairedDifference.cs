namespace StreamLearn.Models;

/// <summary>Tests how much two answers to the same rows differ in accuracy.</summary>
internal static class PairedDifference
{
    /// <summary>
    /// Whether so much was lost and gained that a loss of a bound or more, in all rows there are, would hardly have come out like that.
    /// </summary>
    /// <remarks>
    /// (lost − gained + ½ − n·d) ÷ √(n·(2q + d·(1 − d))) ≤ −quantile, where q is the likeliest share gained if the loss were just the bound
    /// d. Source: Tango (1998).
    /// </remarks>
    internal static bool IsBelow(double bound, ExitOutcome outcome, int rows, double quantile)
    {
        double lost = outcome.Lost, gained = outcome.Gained, n = rows;
        var b = (((2 * n) - lost + gained) * bound) - lost - gained;
        var c = -gained * bound * (1 - bound);
        var share = (Math.Sqrt((b * b) - (8 * n * c)) - b) / (4 * n);
        var deviation = Math.Sqrt(n * ((2 * share) + (bound * (1 - bound))));
        return deviation > 0 && lost - gained + 0.5 - (n * bound) <= -quantile * deviation;
    }

    /// <summary>Rows below which not even a choice that lost none of them passes.</summary>
    internal static int MinRows(double bound, double quantile)
    {
        if (bound == 0) { return int.MaxValue; }
        var a = quantile * Math.Sqrt(1 - bound);
        var root = (a + Math.Sqrt((a * a) + 2)) / 2;
        return (int)Math.Min(int.MaxValue, Math.Ceiling(root * root / bound));
    }

    /// <summary>The deviation that a normal variable exceeds so often. Source: Abramowitz, Stegun (1964), 26.2.23, to 0.00045.</summary>
    internal static double Quantile(double risk)
    {
        var t = Math.Sqrt(-2 * Math.Log(risk));
        return t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
    }
}
