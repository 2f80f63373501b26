using StreamLearn.Compression;
using StreamLearn.Models;
using StreamLearn.Testing;

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
        var binary = digits.Mlp.Binarize(digits.Rows, new()
        {
            WeightBits = weightBits,
            InputBits = inputBits,
            Retrain = new() { Optimizer = new Adam(0.002f) { Schedule = Schedule.Cosine(steps) }, Steps = steps },
        });
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
        var (signs, plan) = (0, binary.Model.Plan);
        foreach (var slice in plan.Slices.Where(s => s.Name.Contains("low-bit", StringComparison.Ordinal)))
        {
            signs += slice.Length;
        }

        var header = ModelFile.Save(binary.Model, weights).Length - (4 * plan.Values);
        var rest = header + (4 * (plan.Values - signs));        // the first layer, the head and the norms stay float32
        var times = 4.0 * signs / (file.Length - rest);
        TestContext.Current.SendDiagnosticMessage($"{signs} signs in {file.Length - rest} bytes, {times:0.0} times fewer");
        Assert.InRange(times, 25, 32);
    }
}
