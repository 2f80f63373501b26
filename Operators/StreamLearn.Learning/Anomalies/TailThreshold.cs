namespace StreamLearn.Learning;

/// <summary>Finds the score that a given share of usual rows exceeds.</summary>
/// <remarks>The threshold is empirical if ten scores are beyond it; otherwise it comes from a generalized Pareto fit. Source: peaks over
/// threshold, Pickands (1975), as in SPOT, Siffer et al. (2017); probability-weighted moments, Hosking, Wallis (1987), which are better
/// than maximum likelihood for few scores.</remarks>
internal static class TailThreshold
{
    private const int MinBeyond = 10;
    private const int TailShare = 50;       // the tail is a fiftieth of the scores, because a larger share has another shape
    private const int MinTail = 20;
    private const double MaxVariance = 2;      // above this, the tail fit is unreliable

    internal static double Of(ReadOnlySpan<float> scores, double rate)
    {
        var sorted = scores.ToArray();
        Array.Sort(sorted);
        var beyond = rate * (scores.Length + 1);        // the k-th largest of n scores is exceeded at the rate k / (n + 1)
        return beyond >= MinBeyond ? sorted[^(int)Math.Round(beyond)] : Pareto(scores, sorted, rate);
    }

    private static double Pareto(ReadOnlySpan<float> scores, ReadOnlySpan<float> sorted, double rate)
    {
        var count = Math.Min(Math.Max(sorted.Length / TailShare, MinTail), sorted.Length - 1);
        double low = sorted[^(count + 1)];
        var (mean, weighted) = (0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            var excess = sorted[^(count - i)] - low;
            mean += excess / count;
            weighted += excess * (1 - ((i + 0.65) / count)) / count;
        }

        if (!(mean > 2 * weighted)) { return sorted[^1]; }        // all scores are equal
        var shape = 2 - (mean / (mean - (2 * weighted)));
        var scale = 2 * mean * weighted / (mean - (2 * weighted));
        var ratio = rate * sorted.Length / count;
        ratio *= Math.Exp(-Math.Min(Variance(-Math.Log(ratio)) / (count * Independent(scores, low)), MaxVariance) / 2);
        return low + (Math.Abs(shape) < 1e-9 ? -scale * Math.Log(ratio) : scale / shape * (Math.Pow(ratio, -shape) - 1));
    }

    /// <summary>Returns the variance of the logarithm of the tail share, times the number of scores in the tail; half of it is the bias of
    /// the mean share. Source: Hosking, Wallis (1987), at shape 0.</summary>
    private static double Variance(double far) => far * far * ((far * far) - (4 * far) + 7) / 3;

    /// <summary>Share of independent scores in a clustered tail, above 0 to 1. Source: Ferro, Segers (2003), equation 5.</summary>
    private static double Independent(ReadOnlySpan<float> scores, double low)
    {
        var (last, gaps, sum, squares) = (-1, 0, 0.0, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            if (!(scores[i] > low)) { continue; }
            if (last >= 0)
            {
                double gap = i - last;
                (gaps, sum, squares) = (gaps + 1, sum + gap - 1, squares + ((gap - 1) * (gap - 2)));
            }

            last = i;
        }

        return squares > 0 ? Math.Clamp(2 * sum * sum / (gaps * squares), 1.0 / (gaps + 1), 1) : 1;
    }
}
