namespace StreamLearn.Learning;

internal readonly record struct ReliabilityBin(long Rows, long Correct, double Confidence);

/// <summary>Accuracy by confidence, in equal ranges from 0 to 1. Immutable.</summary>
/// <remarks>Source: Guo, Pleiss, Sun, Weinberger (2017), reliability diagrams and expected calibration error.</remarks>
internal sealed record Reliability(ImmutableArray<ReliabilityBin> Bins)
{
    public const int DefaultBins = 15;

    /// <summary>Expected calibration error: Σ n/N · |accuracy − confidence| over the ranges.</summary>
    public double ExpectedError
    {
        get
        {
            var (rows, distance) = (0L, 0.0);
            foreach (var bin in Bins)
            {
                rows += bin.Rows;
                distance += Math.Abs(bin.Correct - bin.Confidence);
            }

            return rows == 0 ? 0 : distance / rows;
        }
    }

    /// <summary>Returns the range of a confidence: (i/bins, (i+1)/bins]; the first range also contains 0.</summary>
    public static int BinOf(double confidence, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        return Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
    }

    public bool Equals(Reliability? other) => other is not null && Bins.AsSpan().SequenceEqual(other.Bins.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Bins.Length, ExpectedError);
}
