using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Compression.Tests;

public sealed class BinarizeTests
{
    [Theory]
    [InlineData(1), InlineData(63), InlineData(64), InlineData(65), InlineData(600), InlineData(4096)]
    [InlineData(4097)]
    public void A_product_of_signs_is_that_of_floats_whatever_the_width_of_vectors(int count)
    {
        var random = new RandomStream(count, "signs");
        float[] Values() => [.. Enumerable.Range(0, count).Select(i => i % 11 == 0 ? 0 : i % 13 == 0 ? -0f : (float)random.NextGaussian())];
        float[] left = Values(), right = Values(), leftSigns = new float[count], rightSigns = new float[count];
        LowBits.Activations(1, left, leftSigns);
        LowBits.Weights(1, right, rightSigns);
        var expected = 0f;
        for (var i = 0; i < count; i++) { expected += leftSigns[i] * rightSigns[i]; }
        ulong[] a = new ulong[BinaryDot.Words(count)], b = new ulong[a.Length];
        a.AsSpan().Fill(ulong.MaxValue);

        BinaryDot.Pack(left, a);
        BinaryDot.Pack(right, b);

        Assert.Equal(expected, BinaryDot.Of(a, b, count));
        var differing = BinaryDot.ByWords(a, b);
        Assert.Equal(expected, count - (2 * differing));
        if (Avx512BW.IsSupported) { Assert.Equal(differing, BinaryDot.By64Bytes(a, b)); }
        if (Avx2.IsSupported) { Assert.Equal(differing, BinaryDot.By32Bytes(a, b)); }
        if (AdvSimd.Arm64.IsSupported) { Assert.Equal(differing, BinaryDot.By16Bytes(a, b)); }
    }

    [Theory, InlineData(1, 1), InlineData(2, 3), InlineData(LowBits.Exact, LowBits.Exact)]
    public void Inner_dense_layers_are_replaced_and_the_result_learns(int weightBits, int inputBits)
    {
        var network = new Network(
            new(4), 2, [new Scale(), new Dense(16), new Relu(), new Dense(12), new Relu()], [new(4, new Dense(2))], seed: 2);
        var random = new RandomStream(2, "rows");
        float[] features = [.. Enumerable.Range(0, 400 * 4).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, 400).Select(r => features[r * 4] * features[(r * 4) + 1] > 0 ? 1 : 0)];
        var model = new LoadedModel(network, network.Initial with { Version = 7 }, new() { Labels = ["no", "yes"] });

        var few = model.Binarize(new(features, labels), weightBits, inputBits);

        var made = Assert.IsType<Network>(few.Model);
        var few12 = new LowBitDense(12, weightBits, inputBits);
        Layer[] expected = [new Scale(), new Dense(16), new Relu(), new BatchNorm(), few12, new Relu()];
        Assert.Equal(inputBits == LowBits.Exact ? expected : [.. expected[..2], .. expected[3..]], made.Layers);
        Assert.Equal((7, model.Card), (few.Weights.Version, few.Card));
        var answers = new float[800];
        made.Infer(few.Weights.Values.AsSpan(), new(features, 400), answers, new());
        Assert.InRange(labels.Index().Count(l => ModelPlan.ClassOf(answers.AsSpan(l.Index * 2, 2)) == l.Item), 340, 400);
        if (weightBits != 1) { return; }
        var signs = made.Plan.Find("3.low-bit-dense.weight")!.Of(few.Weights.Values.AsSpan()).ToArray();
        for (var o = 0; o < 12; o++) { Assert.Single(signs.Where((_, i) => i % 12 == o).Select(MathF.Abs).Distinct()); }
        Assert.All(signs, w => Assert.InRange(w, -1, 1));
    }

    [Fact]
    public void Weights_behind_signs_are_cut_to_one_after_a_step_and_others_are_not()
    {
        var network = new Network(new(2), 2, [new Dense(3), new LowBitDense(2), new LowBitDense(2, 4)], [new(2, new Dense(2))]);
        float[] weights = [.. Enumerable.Range(0, network.Plan.Values).Select(i => i % 2 == 0 ? 3f : -2)];
        new ClipRule(network).Stepped(weights, weights, 1);
        foreach (var slice in network.Plan.Slices)
        {
            var most = slice.Name == "1.low-bit-dense.weight" ? 1 : 3;
            Assert.Equal(most, slice.Of(weights.AsSpan()).ToArray().Max(MathF.Abs));
        }
    }

    [Fact]
    public void A_network_without_inner_dense_layers_is_refused()
    {
        var network = new Network(new(4), 2, [new Dense(3), new Relu()], [new(1, new Dense(2))]);
        var model = new LoadedModel(network, network.Initial, ModelCard.Empty);
        Assert.Throws<NotSupportedException>(() => model.Binarize(new(new float[8], new int[2])));
    }
}
