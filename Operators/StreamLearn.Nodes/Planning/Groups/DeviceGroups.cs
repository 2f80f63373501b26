namespace StreamLearn.Nodes;

/// <summary>Groups of devices by time per batch, and one for slow links.</summary>
/// <remarks>The centers are the exact optimum of one-dimensional k-means; each device, also a new one, joins the nearest. Source: Wu et al.
/// (2022), FedAdapt; Wang, Song (2011), Ckmeans.1d.dp.</remarks>
internal sealed record DeviceGroups(ImmutableArray<double> Centers, int Count, double SlowBitsPerSecond = 0)
{
    /// <summary>Groups devices by their seconds per batch with all layers local.</summary>
    public static DeviceGroups Of(IEnumerable<double> baselines, int count = 3, double slowBitsPerSecond = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slowBitsPerSecond);
        var byTime = slowBitsPerSecond > 0 ? count - 1 : count;
        ArgumentOutOfRangeException.ThrowIfLessThan(byTime, 1, nameof(count));
        double[] values = [.. baselines.OrderDescending()];
        if (values.Length == 0) { throw new ArgumentException("expected at least one device, got none", nameof(baselines)); }
        return new(Cluster(values, Math.Min(byTime, values.Distinct().Count())), count, slowBitsPerSecond);
    }

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

    /// <summary>Returns the rate to the server in the slower direction; infinite without a server.</summary>
    internal static double RateOf(ResourceView view, NodeView device) => view.ServerOf(device.Name) is { } server
        ? Math.Min(view.Link(device.Name, server.Name)!.BitsPerSecond, view.Link(server.Name, device.Name)!.BitsPerSecond)
        : double.PositiveInfinity;

    public bool Equals(DeviceGroups? other) =>
        other is not null && Centers.AsSpan().SequenceEqual(other.Centers.AsSpan())
        && (Count, SlowBitsPerSecond) == (other.Count, other.SlowBitsPerSecond);

    public override int GetHashCode() => HashCode.Combine(Count, SlowBitsPerSecond, Centers.Length);

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
