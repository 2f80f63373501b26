using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 8.7: pruning. Times are in the benchmark suite <c>compression</c>.</summary>
public sealed class At08Pruning
{
    private static readonly RetrainOptions Retrain = new() { Optimizer = new Sgd(0.01f, 0.9f), Steps = 500 };

    [Fact]
    public void AT_8h_A_network_of_90_percent_zeros_is_within_a_point_after_gradual_pruning() => Within_a_point(0, Regrowth.None);

    [LongTheory]
    [InlineData(0, Regrowth.Surgery)]
    [InlineData(1, Regrowth.Surgery)]
    [InlineData(2, Regrowth.Surgery)]
    [InlineData(0, Regrowth.Gradient)]
    [InlineData(1, Regrowth.Gradient)]
    [InlineData(2, Regrowth.Gradient)]
    [InlineData(1, Regrowth.None)]
    [InlineData(2, Regrowth.None)]
    public void AT_8h_Regrowth_and_other_seeds_are_within_a_point_too(int seed, Regrowth regrowth) => Within_a_point(seed, regrowth);

    [Theory]
    [InlineData(false)]
    public void AT_8h_Half_of_the_units_leave_a_network_of_less_than_half_the_work_within_a_point(bool byGain)
    {
        var digits = CompressedDigits.Of(0);
        var smaller = digits.Mlp.PruneUnits(0.5f, byGain).Retrain(digits.Rows, Retrain);
        var accuracy = digits.Accuracy(smaller);

        TestContext.Current.SendDiagnosticMessage($"{digits.MlpAccuracy:P2}, half of the units {accuracy:P2}");
        Assert.InRange(smaller.Model.Plan.MultiplyAdds / (double)digits.Mlp.Model.Plan.MultiplyAdds, 0, 0.5);
        Assert.InRange(accuracy, digits.MlpAccuracy - 0.01, 1);
        var loaded = ModelFile.Load(ModelFile.Save(smaller.Model, smaller.Weights), smaller.Model);
        Assert.Equal(smaller.Weights.Sha256(), loaded.Weights.Sha256());
    }

    private static void Within_a_point(int seed, Regrowth regrowth)
    {
        var digits = CompressedDigits.Of(seed);
        var pruned = digits.Mlp.Prune(digits.Rows, new()
        {
            Schedule = new(0.9f, Every: 10, Changes: 30),
            Regrowth = regrowth,
            Retrain = Retrain,
        });
        var accuracy = digits.Accuracy(pruned);
        var packed = new PackedNetwork((Network)pruned.Model);

        TestContext.Current.SendDiagnosticMessage($"seed {seed}, regrowth {regrowth}: {digits.MlpAccuracy:P2}, 90 % zeros {accuracy:P2}");
        Assert.InRange(digits.MlpAccuracy, 0.97, 1);
        Assert.InRange(accuracy, digits.MlpAccuracy - 0.01, 1);
        foreach (var slice in pruned.Model.Plan.Slices.Where(s => s.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            Assert.InRange(slice.Of(pruned.Weights.Values.AsSpan()).Count(0f) / (double)slice.Length, 0.899, 0.9001);
        }

        Assert.Equal(3, packed.PackedLayers(pruned.Weights));
        Assert.Equal(digits.Answers(pruned.Model, pruned.Weights, 37), digits.Answers(packed, pruned.Weights, 37));
    }
}
