namespace StreamLearn.Models;

/// <summary>Tests the difference in accuracy between two answers to the same rows, which are correlated within groups.</summary>
internal static class GroupedDifference
{
    /// <summary>Returns whether a one-sided t-test over groups rejects a loss of at least the limit.</summary>
    /// <remarks>For each group, z = lost − gained − bound · rows; the test is mean(z) ÷ √(variance(z) ÷ groups) ≤ −t(groups − 1). Groups
    /// are weighted by rows. Source: Student (1908), on sums over clusters as in Cochran (1977), Sampling Techniques, 6.</remarks>
    internal static bool IsBelow(double bound, ImmutableArray<ExitJudgement> groups, int choice, double quantile)
    {
        double sum = 0, squares = 0, n = groups.Length;
        foreach (var group in groups) { sum += Excess(group); }
        foreach (var group in groups) { squares += Math.Pow(Excess(group) - (sum / n), 2); }
        return sum < 0 && sum <= -Student(quantile, groups.Length - 1) * Math.Sqrt(n * squares / (n - 1));

        double Excess(ExitJudgement group) => group.Outcomes[choice].Lost - group.Outcomes[choice].Gained - (bound * group.Rows);
    }

    /// <summary>Returns the quantile of Student's distribution for a normal quantile, to 0.001 from 14 degrees of freedom on. Source:
    /// Abramowitz, Stegun (1964), 26.7.5.</summary>
    internal static double Student(double quantile, int degrees)
    {
        var (x, square, d) = (quantile, quantile * quantile, (double)degrees);
        return x * (1 + ((square + 1) / (4 * d)) + (((((5 * square) + 16) * square) + 3) / (96 * d * d))
            + (((((((3 * square) + 19) * square) + 17) * square) - 15) / (384 * d * d * d)));
    }
}
