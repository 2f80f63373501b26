using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 8.2: deep compression, from pruning to the file.</summary>
public sealed class At08Codebooks
{
    /// <summary>The example of Han, Mao, Dally (2016), figure 3.</summary>
    [Fact]
    public void AT_8b_The_hand_example_has_the_published_indexes_and_centroids()
    {
        float[] weights = [2.09f, -0.98f, 1.48f, 0.09f, 0.05f, -0.14f, -1.08f, 2.12f, -0.91f, 1.92f, 0, -1.03f, 1.87f, 0, 1.53f, 1.49f];

        var book = Codebook.Fit(weights, 4);

        Assert.Equal([3, 0, 2, 1, 1, 1, 0, 3, 0, 3, 1, 0, 3, 1, 2, 2], weights.Select(book.IndexOf));
        Assert.Equal([-1.00f, 0.00f, 1.50f, 2.00f], book.Centroids.Select(c => MathF.Round(c, 2) + 0f));
        Assert.Equal(3.2, Codebook.CompressionRate(16, 4), 12);      // 16 · 32 / (16 · 2 + 4 · 32)
    }

    [Fact]
    public void AT_8b_90_percent_zeros_and_5_bits_make_a_file_20_times_smaller_within_a_point() => Twenty_times_smaller(0);

    [LongTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_8b_Other_seeds_do_too(int seed) => Twenty_times_smaller(seed);

    private static void Twenty_times_smaller(int seed)
    {
        var digits = CompressedDigits.Of(seed);
        var pruned = digits.Mlp.Prune(digits.Rows, new()
        {
            Schedule = new(0.9f, Every: 10, Changes: 30),
            Retrain = new() { Optimizer = new Sgd(0.01f, 0.9f), Steps = 500 },
        });
        var shared = pruned.ShareWeights();
        var tuned = shared.TuneCentroids(digits.Rows);

        var file = CompressedValues.Save(tuned);
        var whole = ModelFile.Save(digits.Mlp.Model, digits.Mlp.Weights);
        var loaded = CompressedValues.Load(file, tuned.Model);

        var accuracy = digits.Accuracy(loaded);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: {digits.MlpAccuracy:P2}; pruned {digits.Accuracy(pruned):P2}, shared "
            + $"{digits.Accuracy(shared):P2}, tuned {accuracy:P2}; {whole.Length} bytes, then {file.Length}: "
            + $"{whole.Length / (double)file.Length:0.0} times smaller");
        Assert.Equal(tuned.Weights.Sha256(), loaded.Weights.Sha256());
        Assert.InRange(whole.Length / (double)file.Length, 20, 60);
        Assert.InRange(accuracy, digits.MlpAccuracy - 0.01, 1);
        foreach (var slice in tuned.Model.Plan.Slices.Where(s => s.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            Assert.InRange(slice.Of(tuned.Weights.Values.AsSpan()).ToArray().Distinct().Count(), 2, 33);
        }
    }
}
