using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 8.3: binary networks and those of few bits. Times are in the benchmark suite <c>compression</c>.</summary>
public sealed class At08Binary
{
    [Fact]
    public void AT_8c_A_binary_network_is_within_three_points_of_float_and_its_signs_take_a_25th() => Within_three_points(0, 1, 1, 800);

    [LongTheory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(0, 2, 2)]
    [InlineData(0, 1, 2)]
    public void AT_8c_Other_seeds_and_few_bits_are_too(int seed, int weightBits, int inputBits) =>
        Within_three_points(seed, weightBits, inputBits, 2000);

    private static void Within_three_points(int seed, int weightBits, int inputBits, int steps)
    {
        var digits = CompressedDigits.Of(seed);
        var binary = digits.Mlp.Binarize(digits.Rows, weightBits, inputBits,
            new() { Optimizer = new Adam(0.002f) { Schedule = Schedule.Cosine(steps) }, Steps = steps });
        var (packed, weights) = (new PackedNetwork((Network)binary.Model), binary.Weights);
        var accuracy = digits.Accuracy(binary);

        TestContext.Current.SendDiagnosticMessage(
            $"seed {seed}, weights of {weightBits} bits, inputs of {inputBits}: {digits.MlpAccuracy:P2}, then {accuracy:P2}");
        Assert.InRange(accuracy, digits.MlpAccuracy - 0.03, 1);
        Assert.Equal(digits.Answers(binary.Model, weights, 37), digits.Answers(packed, weights, 37));
        var file = CompressedValues.Save(binary);
        Assert.Equal(weights.Sha256(), CompressedValues.Load(file, binary.Model).Weights.Sha256());
        if (weightBits > 1) { return; }
        Assert.Equal(inputBits == 1 ? 2 : 0, packed.PackedLayers(weights));
        var (signs, bytes) = (0, 0);
        foreach (var slice in binary.Model.Plan.Slices.Where(s => s.Name.Contains("low-bit", StringComparison.Ordinal)))
        {
            var alone = new ModelPlan(new(1), 1, 0, [(slice.Name, slice.Kind, slice.Length)]);
            signs += slice.Length;
            bytes += CompressedValues.Code.Encode(alone, slice.Of(weights.Values.AsSpan())).Length;
        }

        TestContext.Current.SendDiagnosticMessage($"{signs} signs in {bytes} bytes, {4.0 * signs / bytes:0.0} times fewer");
        Assert.InRange(4.0 * signs / bytes, 25, 32);
    }
}
