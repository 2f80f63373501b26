namespace StreamLearn.Operators;

internal static class SortedSignal
{
    /// <summary>Source: Hyndman, Fan (1996), definition 7.</summary>
    internal static double Quantile(ReadOnlySpan<float> sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        double value = sorted[below];
        return below + 1 == sorted.Length ? value : value + ((place - below) * (sorted[below + 1] - value));
    }

    /// <summary>Cost: O(log n).</summary>
    internal static double MedianDeviation(ReadOnlySpan<float> sorted)
    {
        var (median, middle) = (Quantile(sorted, 0.5), sorted.Length / 2);
        var upper = Distance(sorted, median, middle);
        return sorted.Length % 2 == 1 ? upper : (Distance(sorted, median, middle - 1) + upper) / 2;
    }

    /// <summary>Returns the k-th smallest distance. Both halves rise outward, so bisection finds how many are in the lower one.</summary>
    private static double Distance(ReadOnlySpan<float> sorted, double median, int k)
    {
        var half = sorted.Length / 2;
        var others = sorted.Length - half;
        var (least, most) = (Math.Max(0, k - others), Math.Min(k, half));
        while (least < most)
        {
            var i = (least + most) / 2;
            if (median - sorted[half - 1 - i] < sorted[half + k - i - 1] - median) { least = i + 1; }
            else { most = i; }
        }

        var below = least < half ? median - sorted[half - 1 - least] : double.PositiveInfinity;
        var above = k - least < others ? sorted[half + k - least] - median : double.PositiveInfinity;
        return Math.Min(below, above);
    }
}
