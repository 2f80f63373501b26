namespace StreamLearn.Tables;

/// <summary>Bounds of the mean accuracy on devices that did not choose the model.</summary>
internal static class DeviceBounds
{
    private const double Error = 0.05;

    /// <summary>95 % confidence; null: fewer than two devices judged.</summary>
    /// <remarks>Mean ± t · deviation · √(1/judges + 1/unseen), Bonferroni-corrected for the choices. The deviation is at least that of the
    /// window count, overlapping windows counting half.</remarks>
    internal static (double Low, double High)? Of(Candidate chosen, int unseen, int choices)
    {
        return Around(chosen, unseen, choices) is var (mean, half) ? (Math.Max(0, mean - half), Math.Min(1, mean + half)) : null;
    }

    internal static (double Mean, double Half)? Around(Candidate chosen, int unseen, int choices)
    {
        var (accuracies, n) = (chosen.Accuracies, chosen.Accuracies.Length);
        if (n < 2) { return null; }
        var mean = accuracies.Average();
        var squares = accuracies.Sum(a => (a - mean) * (a - mean)) / (n - 1);
        var half = Student(Error / choices, n - 1)
            * Math.Sqrt(Math.Max(squares, chosen.WindowVariance) * ((1.0 / n) + (1.0 / Math.Max(1, unseen))));
        return (mean, half);
    }

    /// <summary>Two-sided Student quantile. Source: Abramowitz, Stegun (1964), 26.7.3 and 26.7.4.</summary>
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
