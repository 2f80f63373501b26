using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>Groups of devices that are alike: by the time of a batch, and one for those behind a slow link.</summary>
/// <remarks>
/// The centers are the optimum of k-means in one dimension, so that no random start enters. A device belongs to the nearest center, a new
/// one as well. Source: Wu et al. (2022), FedAdapt; Wang, Song (2011), Ckmeans.1d.dp, for the optimum.
/// </remarks>
/// <param name="Centers">Seconds of a batch in the middle of each group, the slowest group first.</param>
/// <param name="Count">Number of groups, 1 or more, that of slow links included.</param>
/// <param name="SlowBitsPerSecond">A device is in the last group while its link carries less; 0: there is no such group.</param>
public sealed record DeviceGroups(ImmutableArray<double> Centers, int Count, double SlowBitsPerSecond = 0)
{
    /// <summary>Below this rate a link is slow, in the variant of the source for changing bandwidth: 5 Mbit/s.</summary>
    public const double SlowLink = 5e6;

    /// <summary>Groups devices by the seconds of a batch when all layers run on them.</summary>
    /// <param name="baselines">The seconds of each device, one at least.</param>
    /// <param name="count">Number of groups, that of slow links included; some stay empty if fewer devices differ. Default 3.</param>
    /// <param name="slowBitsPerSecond">Below this rate a link is slow, and the device in the last group; default 0: there is no such
    /// group.</param>
    public static DeviceGroups Of(IEnumerable<double> baselines, int count = 3, double slowBitsPerSecond = 0)
    {
        ArgumentNullException.ThrowIfNull(baselines);
        ArgumentOutOfRangeException.ThrowIfNegative(slowBitsPerSecond);
        var byTime = slowBitsPerSecond > 0 ? count - 1 : count;
        ArgumentOutOfRangeException.ThrowIfLessThan(byTime, 1, nameof(count));
        double[] values = [.. baselines.OrderDescending()];
        if (values.Length == 0) { throw new ArgumentException("expected a device at least, got none", nameof(baselines)); }
        return new(Cluster(values, Math.Min(byTime, values.Distinct().Count())), count, slowBitsPerSecond);
    }

    /// <summary>The group of a device.</summary>
    /// <param name="baselineSeconds">Seconds of a batch when all layers run on it.</param>
    /// <param name="bitsPerSecond">What its link carries; 0 after a probe that failed.</param>
    /// <returns>The group, from 0.</returns>
    public int GroupOf(double baselineSeconds, double bitsPerSecond)
    {
        if (bitsPerSecond < SlowBitsPerSecond) { return Count - 1; }
        var nearest = 0;
        for (var g = 1; g < Centers.Length; g++)
        {
            if (Math.Abs(Centers[g] - baselineSeconds) < Math.Abs(Centers[nearest] - baselineSeconds)) { nearest = g; }
        }

        return nearest;
    }

    /// <summary>What the link of a device to its server carries, in the slower direction; without limit where there is no server.</summary>
    internal static double RateOf(ResourceView view, NodeView device) => view.ServerOf(device.Name) is { } server
        ? Math.Min(view.Link(device.Name, server.Name)!.BitsPerSecond, view.Link(server.Name, device.Name)!.BitsPerSecond)
        : double.PositiveInfinity;

    /// <inheritdoc />
    public bool Equals(DeviceGroups? other) =>
        other is not null && Centers.AsSpan().SequenceEqual(other.Centers.AsSpan())
        && (Count, SlowBitsPerSecond) == (other.Count, other.SlowBitsPerSecond);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Count, SlowBitsPerSecond, Centers.Length);

    /// <summary>Means of consecutive runs of sorted values with the least sum of squared distances, by dynamic programming.</summary>
    private static ImmutableArray<double> Cluster(double[] values, int count)
    {
        var (costs, starts) = (new double[count + 1, values.Length + 1], new int[count + 1, values.Length + 1]);
        for (var g = 0; g <= count; g++)
        {
            for (var end = 0; end <= values.Length; end++) { costs[g, end] = g == 0 && end == 0 ? 0 : double.PositiveInfinity; }
        }

        for (var g = 1; g <= count; g++)
        {
            for (var end = g; end <= values.Length; end++)
            {
                for (var start = g - 1; start < end; start++)
                {
                    var cost = costs[g - 1, start] + Squares(values.AsSpan(start, end - start));
                    if (cost < costs[g, end]) { (costs[g, end], starts[g, end]) = (cost, start); }
                }
            }
        }

        var (centers, last) = (new double[count], values.Length);
        for (var g = count; g > 0; last = starts[g--, last]) { centers[g - 1] = Mean(values.AsSpan(starts[g, last]..last)); }
        return [.. centers];
    }

    private static double Squares(ReadOnlySpan<double> values)
    {
        var (mean, sum) = (Mean(values), 0.0);
        foreach (var value in values) { sum += (value - mean) * (value - mean); }
        return sum;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) { sum += value; }
        return sum / values.Length;
    }
}
