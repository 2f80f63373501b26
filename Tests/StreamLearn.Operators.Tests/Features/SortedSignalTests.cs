namespace StreamLearn.Operators.Tests;

public sealed class SortedSignalTests
{
    [Fact]
    public void A_signal_of_any_length_is_sorted()
    {
        foreach (var n in Enumerable.Range(1, 140).Concat([255, 256, 257, 1000]))
        {
            var signal = Signal(n);
            var padded = new float[SortNetwork.Padded(n)];
            signal.CopyTo(padded, 0);
            SortNetwork.Sort(padded, n);
            Assert.Equal(signal.Order(), padded[..n]);
        }
    }

    [Fact]
    public void The_median_deviation_is_the_median_of_distances_from_the_median()
    {
        foreach (var n in Enumerable.Range(1, 60))
        {
            float[] sorted = [.. Signal(n).Order()];
            var median = Median([.. sorted.Select(v => (double)v)]);
            Assert.Equal(median, SortedSignal.Quantile(sorted, 0.5), 1e-12);
            Assert.Equal(Median([.. sorted.Select(v => Math.Abs(v - median)).Order()]), SortedSignal.MedianDeviation(sorted), 1e-12);
        }
    }

    /// <summary>With values that are equal.</summary>
    private static float[] Signal(int n)
    {
        var random = new RandomStream(n, "signal");
        return [.. Enumerable.Range(0, n).Select(_ => n % 3 == 0 ? random.NextInt32(5) : (float)random.NextGaussian())];
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
