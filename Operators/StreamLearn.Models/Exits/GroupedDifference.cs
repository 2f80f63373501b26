namespace StreamLearn.Models;

/// <summary>Tests how much two answers to the same rows differ in accuracy, where the rows of a group are alike.</summary>
internal static class GroupedDifference
{
    internal static int Mode = int.Parse(Environment.GetEnvironmentVariable("GMODE") ?? "1");

    /// <summary>Whether groups differ so little that a loss of a bound or more, in the rows of all groups there are, would hardly have come
    /// out like that.</summary>
    internal static bool IsBelow(double bound, System.Collections.Immutable.ImmutableArray<ExitJudgement> groups, int choice, double quantile)
    {
        if (Mode == 0) { return true; }
        var n = (double)groups.Length;
        var z = groups.Select(g => g.Outcomes[choice].Lost - g.Outcomes[choice].Gained - (bound * g.Rows)).ToArray();
        var mean = z.Average();
        var variance = z.Sum(v => (v - mean) * (v - mean)) / (n - 1);
        var critical = Student(quantile, groups.Length - 1);
        if (variance == 0) { return mean < 0; }
        var t = mean / Math.Sqrt(variance / n);
        if (Mode == 1) { return t <= -critical; }
        var skew = z.Sum(v => Math.Pow(v - mean, 3)) / n / Math.Pow(variance * (n - 1) / n, 1.5);
        if (Mode == 3) { skew = Math.Max(0, skew); }
        if (Mode == 4) { skew = Math.Max(0, skew) * 1.5; }
        var a = skew / Math.Sqrt(n);
        var hall = t + (a * t * t / 3) + (a * a * t * t * t / 27) + (a / 6);
        if (Mode is 2 or 3 or 4) { return hall <= -critical; }
        if (Mode == 9) { return t <= -critical * 0.5; }
        // 5: percentile bootstrap, 6: bootstrap-t
        var random = new RandomStream(1, "groups");
        var (below, B) = (0, 999);
        for (var b = 0; b < B; b++)
        {
            double sum = 0, squares = 0;
            for (var i = 0; i < z.Length; i++) { var v = z[random.NextInt32(z.Length)]; sum += v; squares += v * v; }
            var m = sum / n;
            var s = Math.Sqrt(Math.Max(1e-12, (squares - (n * m * m)) / (n - 1) / n));
            // 5: resampled mean >= 0; 6: studentized distance as low as the one seen
            if (Mode == 5 ? m >= 0 : (m - mean) / s <= t) { below++; }
        }

        return below <= 0.05 * B;
    }

    /// <summary>The value that a Student variable exceeds as often as a normal one does a quantile. Source: Abramowitz, Stegun (1964),
    /// 26.7.5.</summary>
    internal static double Student(double quantile, int degrees)
    {
        var (x, v) = (quantile, (double)degrees);
        var (x2, x3) = (x * x, x * x * x);
        return x + ((x3 + x) / (4 * v)) + (((5 * x2 * x3) + (16 * x3) + (3 * x)) / (96 * v * v))
            + (((3 * x2 * x2 * x3) + (19 * x2 * x3) + (17 * x3) - (15 * x)) / (384 * v * v * v));
    }
}
