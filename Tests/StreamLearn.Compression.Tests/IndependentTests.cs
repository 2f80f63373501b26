namespace StreamLearn.Compression.Tests;

/// <summary>Figures of independent code in Python (numpy) on the same values.</summary>
public sealed class IndependentTests
{
    [Fact]
    public void Codebooks_are_those_of_independent_code()
    {
        float[] values = [.. Enumerable.Range(0, 500).Select(i => (float)Math.Pow((i * 7919 % 1000 / 500.0) - 0.999, 3))];
        Assert.Equal(
            [-0.8606, -0.55425, -0.25642, -0.01261, 0.13331, 0.33335, 0.56847, 0.83875],
            Codebook.Fit(values, 8, CentroidStart.Linear).Centroids.Select(c => Math.Round(c, 5)));
        Assert.Equal(
            [-0.80974, -0.46941, -0.20623, -0.00724, 0.13461, 0.33335, 0.56847, 0.83875],
            Codebook.Fit(values, 8, CentroidStart.Density).Centroids.Select(c => Math.Round(c, 5)));
    }

    [Fact]
    public void A_product_of_signs_is_that_of_independent_code()
    {
        float[] values = [.. Enumerable.Range(0, 4097).Select(i => (i * 7919 % 1000 / 500f) - 0.999f)];
        ulong[] left = new ulong[64], right = new ulong[64];
        BinaryDot.Pack(values.AsSpan(0, 4096), left);
        BinaryDot.Pack(values.AsSpan(1), right);
        Assert.Equal(2768, BinaryDot.Of(left, right, 4096));
    }
}
