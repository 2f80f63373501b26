using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>The rows of one range of confidence.</summary>
/// <param name="Rows">Rows answered with a confidence in the range.</param>
/// <param name="Correct">Those of them answered with their label.</param>
/// <param name="Confidence">Sum of their confidences.</param>
public readonly record struct ReliabilityBin(long Rows, long Correct, double Confidence);

/// <summary>How often answers of each confidence are right: ranges of equal width from 0 to 1. Immutable.</summary>
/// <remarks>Source: Guo, Pleiss, Sun, Weinberger (2017), reliability diagrams and expected calibration error.</remarks>
/// <param name="Bins">The ranges, from the least confidence to the highest.</param>
public sealed record Reliability(ImmutableArray<ReliabilityBin> Bins)
{
    /// <summary>Ranges unless said otherwise.</summary>
    public const int DefaultBins = 15;

    /// <summary>Mean distance of accuracy and confidence over the ranges, weighted by their rows: Σ n/N · |accuracy −
    /// confidence|.</summary>
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

    /// <summary>The range that a confidence belongs to: (i/bins, (i+1)/bins], the first also holding 0.</summary>
    /// <param name="confidence">The confidence, 0 to 1.</param>
    /// <param name="bins">Ranges, at least 1.</param>
    public static int BinOf(double confidence, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        return Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
    }

    /// <inheritdoc />
    public bool Equals(Reliability? other) => other is not null && Bins.AsSpan().SequenceEqual(other.Bins.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Bins.Length, ExpectedError);
}
