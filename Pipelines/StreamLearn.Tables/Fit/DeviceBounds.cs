namespace StreamLearn.Tables;

/// <summary>Bounds on the accuracy on all windows of devices that were not used to choose the model.</summary>
internal static class DeviceBounds
{
    internal const double Error = 0.05;
    private const double Shared = 2.25;     // models of fifths share devices: 1 + 5 · (1/5) / (4/5), Nadeau, Bengio (2003)
    private const double Beyond = 2;        // how far the worst of the unseen may be, in distances of the worst judge from the mean

    /// <summary>95 % confidence; null: fewer than two devices judged, or the bounds are wider than the gain over knowing nothing.</summary>
    /// <remarks>Mean ± t · deviation · √(2.25/judges + 1/unseen), weighted by windows, Bonferroni-corrected for the choices. For the lower
    /// bound, one more judge is twice as far below the mean as the worst, since few devices are far worse than the others. The deviation is
    /// at least that of the window count, overlapping windows counting half.</remarks>
    internal static (double Low, double High)? Of(Candidate chosen, int unseen, int choices)
    {
        var (accuracies, windows, n) = (chosen.Accuracies, chosen.Windows, chosen.Accuracies.Length);
        if (n < 2) { return null; }
        if (windows.Length != n) { windows = [.. Enumerable.Repeat(1.0, n)]; }
        var all = windows.Sum();
        var scale = n * windows.Sum(static w => w * w) / (all * all) * ((Shared / n) + (1.0 / Math.Max(1, unseen)));
        var (mean, high) = End(accuracies, windows, 1);
        var worst = mean - (Beyond * (mean - accuracies.Min()));
        var (_, low) = End([.. accuracies, worst], [.. windows, all / n], -1);
        (low, high) = (chosen.OfValues ? low : Math.Max(0, low), Math.Min(1, high));
        return high - low <= 1 - chosen.Trivial ? (low, high) : null;

        (double Mean, double End) End(double[] values, double[] weights, int sign)
        {
            var (sum, free) = (weights.Sum(), values.Length - 1);
            var mean = values.Zip(weights, static (v, w) => v * w).Sum() / sum;
            var squares = values.Zip(weights, (v, w) => w * (v - mean) * (v - mean)).Sum() / sum * (free + 1) / free;
            return (mean, mean + (sign * Student(Error / choices, free) * Math.Sqrt(Math.Max(squares, chosen.WindowVariance) * scale)));
        }
    }

    /// <summary>Returns the two-sided Student quantile. Source: Abramowitz, Stegun (1964), 26.7.3 and 26.7.4.</summary>
    internal static double Student(double share, int degrees)
    {
        var (low, high) = (0.0, Math.PI / 2);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (1 - Within(middle) > share) { low = middle; }
            else { high = middle; }
        }

        return Math.Sqrt(degrees) * Math.Tan(low);

        double Within(double angle)
        {
            var (sin, cos) = Math.SinCos(angle);
            var (sum, term, isOdd) = (0.0, degrees % 2 == 1 ? cos : 1, degrees % 2 == 1);
            for (var power = isOdd ? 1 : 0; power <= degrees - 2; power += 2)
            {
                sum += term;
                term *= cos * cos * (power + 1) / (power + 2);
            }

            return isOdd ? 2 / Math.PI * (angle + (sin * sum)) : sin * sum;
        }
    }
}
