namespace StreamLearn.Compression;

internal enum CentroidStart
{
    /// <summary>The method with the smallest squared error, the first on a tie.</summary>
    Best,

    Linear,

    /// <summary>Starts from values at evenly spaced ranks, by density.</summary>
    Density,

    Random,
}

/// <summary>Centroids that replace the values nearest to them.</summary>
/// <remarks>Lloyd's iteration until assignments are stable, at most 1,000 rounds; sums in float64, in value order. Ties go to the lower
/// centroid; an empty centroid stays. Sources: Lloyd (1982); Han, Mao, Dally (2016), <i>Deep compression</i>.</remarks>
internal sealed record Codebook(ImmutableArray<float> Centroids)
{
    private const int MaxRounds = 1_000;

    /// <summary>Cost: a sort, then a binary search per centroid and round.</summary>
    public static Codebook Fit(ReadOnlySpan<float> values, int count, CentroidStart start = CentroidStart.Best, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (values.IsEmpty) { throw new ArgumentException("expected at least one value"); }
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) { throw new ArgumentException($"expected finite values, got {value}"); }
        }

        float[] sorted = [.. values];
        Array.Sort(sorted);
        var sums = new double[sorted.Length + 1];
        for (var i = 0; i < sorted.Length; i++) { sums[i + 1] = sums[i] + sorted[i]; }
        CentroidStart[] starts = start == CentroidStart.Best
            ? [CentroidStart.Linear, CentroidStart.Density, CentroidStart.Random] : [start];
        return starts.Select(s => Lloyd(sorted, sums, Begin(sorted, count, s, seed))).MinBy(c => c.SquaredError(sorted))!;
    }

    public int IndexOf(float value)
    {
        var (low, high) = (0, Centroids.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (value <= ((double)Centroids[middle] + Centroids[middle + 1]) / 2) { high = middle; }
            else { low = middle + 1; }
        }

        return low;
    }

    public double SquaredError(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            var error = (double)value - Centroids[IndexOf(value)];
            sum += error * error;
        }

        return sum;
    }

    public static double CompressionRate(long values, int count) => values * 32.0 / ((values * Math.Log2(count)) + (count * 32.0));

    public bool Equals(Codebook? other) => other is not null && Centroids.AsSpan().SequenceEqual(other.Centroids.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Centroids.Length, Centroids[0], Centroids[^1]);

    private static double[] Begin(float[] sorted, int count, CentroidStart start, long seed)
    {
        var centroids = new double[count];
        var random = new RandomStream(seed, "centroids");
        for (var c = 0; c < count; c++)
        {
            centroids[c] = start switch
            {
                CentroidStart.Linear => sorted[0] + ((sorted[^1] - (double)sorted[0]) * (count == 1 ? 0.5 : c / (count - 1.0))),
                CentroidStart.Density => sorted[(int)((c + 0.5) / count * sorted.Length)],
                CentroidStart.Random => sorted[random.NextInt32(sorted.Length)],
                _ => throw new ArgumentException($"expected a known start, got {start}", nameof(start)),
            };
        }

        Array.Sort(centroids);
        return centroids;
    }

    /// <summary>sums[i]: sum of the first i values.</summary>
    private static Codebook Lloyd(float[] sorted, double[] sums, double[] centroids)
    {
        var ends = new int[centroids.Length];
        for (var round = 0; round < MaxRounds; round++)
        {
            var (from, changed) = (0, false);
            for (var c = 0; c < centroids.Length; c++)
            {
                var end = c + 1 == centroids.Length ? sorted.Length : UpTo(sorted, from, (centroids[c] + centroids[c + 1]) / 2);
                (changed, ends[c], from) = (changed || ends[c] != end, end, end);
            }

            if (!changed) { break; }
            from = 0;
            for (var c = 0; c < centroids.Length; from = ends[c], c++)
            {
                if (ends[c] > from) { centroids[c] = (sums[ends[c]] - sums[from]) / (ends[c] - from); }
            }
        }

        return new([.. centroids.Select(static c => (float)c)]);
    }

    private static int UpTo(float[] sorted, int from, double bound)
    {
        var to = sorted.Length;
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (sorted[middle] <= bound) { from = middle + 1; }
            else { to = middle; }
        }

        return from;
    }
}
