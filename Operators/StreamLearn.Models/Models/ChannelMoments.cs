using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Count, mean and sum of squared deviations per channel. Immutable, in float64.</summary>
/// <remarks>Source: Chan, Golub, LeVeque (1979), for the updating formula.</remarks>
public sealed class ChannelMoments
{
    /// <summary>Avoids division by zero in constant channels.</summary>
    private const double MinVariance = 1e-8;

    /// <summary>Creates moments from known values.</summary>
    /// <param name="count">Rows or samples, 0 or more, the same for all channels.</param>
    /// <param name="mean">Mean by channel.</param>
    /// <param name="m2">Sum of squared deviations from the mean, by channel.</param>
    /// <exception cref="ArgumentException">The arrays differ in length.</exception>
    public ChannelMoments(long count, ImmutableArray<double> mean, ImmutableArray<double> m2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (mean.IsDefault || m2.IsDefault || mean.Length != m2.Length)
        {
            throw new ArgumentException("expected a mean and an M2 for every channel", nameof(m2));
        }
        (Count, Mean, M2) = (count, mean, m2);
    }

    /// <summary>Rows, or of samples if a row has several.</summary>
    public long Count { get; }

    /// <summary>Number of channels.</summary>
    public int Channels => Mean.Length;

    /// <summary>Mean by channel.</summary>
    public ImmutableArray<double> Mean { get; }

    /// <summary>Sum of squared deviations from the mean, by channel.</summary>
    public ImmutableArray<double> M2 { get; }

    /// <summary>True if every value is finite.</summary>
    public bool IsFinite
    {
        get
        {
            var finite = true;
            for (var c = 0; c < Mean.Length; c++) { finite &= double.IsFinite(Mean[c]) && double.IsFinite(M2[c]); }
            return finite;
        }
    }

    /// <summary>Merges the moments of two disjoint sets of rows; either may be null.</summary>
    /// <exception cref="ArgumentException">The numbers of channels differ.</exception>
    public static ChannelMoments? Merge(ChannelMoments? a, ChannelMoments? b)
    {
        if (a is null || b is null) { return a ?? b; }
        if (a.Channels != b.Channels) { throw new ArgumentException($"expected {a.Channels} channels, got {b.Channels}", nameof(b)); }
        if (a.Count == 0 || b.Count == 0) { return b.Count == 0 ? a : b; }
        var count = a.Count + b.Count;
        var (mean, m2) = (new double[a.Channels], new double[a.Channels]);
        for (var c = 0; c < mean.Length; c++)
        {
            var difference = b.Mean[c] - a.Mean[c];
            mean[c] = a.Mean[c] + (difference * b.Count / count);
            m2[c] = a.M2[c] + b.M2[c] + (difference * difference * a.Count * b.Count / count);
        }

        return new(count, ImmutableCollectionsMarshal.AsImmutableArray(mean), ImmutableCollectionsMarshal.AsImmutableArray(m2));
    }

    /// <summary>Returns the sample variance of a channel, M2 / (count − 1); 0 with fewer than two rows.</summary>
    /// <param name="channel">The channel, from 0.</param>
    public double Variance(int channel) => Count < 2 ? 0 : M2[channel] / (Count - 1);

    /// <summary>Returns the inverse deviation of a channel, 1/√(variance + 1e-8); 1 with fewer than two rows.</summary>
    /// <param name="channel">The channel, from 0.</param>
    public double Inverse(int channel) => Inverse(Count, M2[channel]);

    /// <summary>Returns the inverse deviation, 1/√(variance + 1e-8), of one channel; 1 with fewer than two rows.</summary>
    /// <param name="count">Rows or samples.</param>
    /// <param name="m2">Sum of squared deviations from the mean.</param>
    public static double Inverse(long count, double m2) => count < 2 ? 1 : 1 / Math.Sqrt((m2 / (count - 1)) + MinVariance);

    /// <inheritdoc />
    public override string ToString() => $"moments of {Count} rows, {Channels} channels";
}
