namespace StreamLearn.Operators.Tests;

public sealed class MomentsTests
{
    [Fact]
    public void Moments_equal_the_two_pass_formula()
    {
        var values = Values(1000);
        var moments = values.Aggregate(default(Moments), (m, v) => m.Add(v));
        var mean = values.Average();
        Assert.Equal(1000, moments.Count);
        // rounding of 1000 float64 steps
        Assert.Equal(mean, moments.Mean, 1e-12 * Math.Abs(mean));
        Assert.Equal(values.Average(v => (v - mean) * (v - mean)), moments.Variance, 1e-10);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(500), InlineData(999), InlineData(1000)]
    public void Moments_merged_equal_the_moments_of_all(int split)
    {
        var values = Values(1000);
        var all = values.Aggregate(default(Moments), (m, v) => m.Add(v));
        var merged = values.Take(split).Aggregate(default(Moments), (m, v) => m.Add(v))
            .Merge(values.Skip(split).Aggregate(default(Moments), (m, v) => m.Add(v)));
        Assert.Equal(all.Count, merged.Count);
        Assert.Equal(all.Mean, merged.Mean, 1e-10);
        Assert.Equal(all.M2, merged.M2, 1e-7);
    }

    [Fact]
    public void Moments_have_the_same_bits_however_the_rows_are_batched()
    {
        var pool = new BatchPool(guard: true);
        float[] values = [.. Values(500).Select(v => (float)v)];
        var results = Enumerable.Range(1, 5).Select(seed =>
        {
            var moments = default(Moments);
            foreach (var piece in Batches.Split(Batches.OfChannels(pool, values), Streams.Sizes(seed).Take(20)))
            {
                moments = moments.Add(piece.Channels[0]);
                piece.Dispose();
            }
            return moments;
        });

        Assert.Single(results.Distinct());
    }

    private static double[] Values(int count)
    {
        var random = new RandomStream(11, "values");
        return [.. Enumerable.Range(0, count).Select(_ => 40 + (2 * random.NextGaussian()))];
    }
}
