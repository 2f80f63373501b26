namespace StreamLearn.Learning;

/// <summary>The score that a stated share of usual rows exceeds.</summary>
/// <remarks>Where ten of the scores are beyond it, it is one of them. Otherwise a generalized Pareto distribution is fitted to the
/// largest, as their excesses over a lower threshold follow one. Source: peaks over threshold, Pickands (1975), as in SPOT, Siffer et al.
/// (2017); its fit by probability-weighted moments, Hosking, Wallis (1987), which for few scores is closer than the likeliest.</remarks>
internal static class TailThreshold
{
    private const int LeastBeyond = 10;
    private const int TailShare = 50;       // a fiftieth of the scores is the tail: of more, its shape is not yet that of the end
    private const int LeastTail = 20;
    private const double MostVariance = 2;      // beyond it the tail says nothing, and the correction would be a guess

    /// <summary>Finds it.</summary>
    internal static double Of(ReadOnlySpan<float> scores, double rate)
    {
        var sorted = scores.ToArray();
        Array.Sort(sorted);
        var beyond = rate * (scores.Length + 1);        // of n scores, the k-th largest is exceeded at the rate k / (n + 1)
        return beyond >= LeastBeyond ? sorted[^(int)Math.Round(beyond)] : Pareto(scores, sorted, rate);
    }

    private static double Pareto(ReadOnlySpan<float> scores, ReadOnlySpan<float> sorted, double rate)
    {
        var count = Math.Min(Math.Max(sorted.Length / TailShare, LeastTail), sorted.Length - 1);
        double low = sorted[^(count + 1)];
        var (mean, weighted) = (0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            var excess = sorted[^(count - i)] - low;
            mean += excess / count;
            weighted += excess * (1 - ((i + 0.65) / count)) / count;
        }

        if (!(mean > 2 * weighted)) { return sorted[^1]; }        // all alike
        var shape = 2 - (mean / (mean - (2 * weighted)));
        var scale = 2 * mean * weighted / (mean - (2 * weighted));
        var ratio = rate * sorted.Length / count;
        ratio *= Math.Exp(-Math.Min(Variance(-Math.Log(ratio)) / (count * Independent(scores, low)), MostVariance) / 2);
        return low + (Math.Abs(shape) < 1e-9 ? -scale * Math.Log(ratio) : scale / shape * (Math.Pow(ratio, -shape) - 1));
    }

    /// <summary>The variance of the logarithm of the share beyond a threshold, times the scores of the tail. Half of it is by how much the
    /// mean of that share is above the stated one. Source: Hosking, Wallis (1987), variances of the two parameters at shape 0.</summary>
    private static double Variance(double far) => far * far * ((far * far) - (4 * far) + 7) / 3;

    /// <summary>The share of the tail that is worth an independent score each, above 0 to 1: others come in clusters with them. Source:
    /// Ferro, Segers (2003), equation 5, by the rows from one to the next.</summary>
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
