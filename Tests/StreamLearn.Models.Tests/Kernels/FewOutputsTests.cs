namespace StreamLearn.Models.Tests;

/// <summary>Few outputs: a row beside four chains over its inputs, a step of descent beside the two operations that it is made
/// of.</summary>
public sealed class FewOutputsTests
{
    [Theory, InlineData(0f), InlineData(0.9f)]
    public void Few_outputs_are_moved_by_the_bits_of_gradient_and_step(float momentum)
    {
        var random = new RandomStream(3, "outer");
        for (var outputs = 1; outputs < Vectors.Lanes; outputs++)
        {
            foreach (var inputs in new[] { 1, 7, 8, 9, 41, 64 })
            {
                var values = Values(random, inputs);
                var gradients = Values(random, outputs);
                float[] weights = Values(random, inputs * outputs), velocity = Values(random, inputs * outputs);
                float[] expected = [.. weights], remembered = [.. velocity];
                for (var at = 0; at < expected.Length; at++)
                {
                    var step = MathF.FusedMultiplyAdd(values[at / outputs], gradients[at % outputs], 0);
                    if (momentum > 0) { remembered[at] = step = MathF.FusedMultiplyAdd(momentum, remembered[at], step); }
                    expected[at] = MathF.FusedMultiplyAdd(-0.05f, step, expected[at]);
                }

                OuterProduct.DescendFew(values, gradients, OuterProduct.Places(outputs),
                    new() { Weights = weights, Velocity = momentum > 0 ? velocity : [], Rate = 0.05f, Momentum = momentum });
                Assert.Equal(expected.Select(Bits), weights.Select(Bits));
                Assert.Equal(remembered.Select(Bits), velocity.Select(Bits));
            }
        }
    }

    [Fact]
    public void A_row_alone_has_the_bits_of_four_chains_whatever_path_it_takes()
    {
        var random = new RandomStream(5, "four");
        foreach (var outputs in Enumerable.Range(1, 9))
        {
            foreach (var inputs in new[] { 1, 3, 4, 5, 8, 41, 64 })
            {
                float[] row = Values(random, inputs), weights = Values(random, inputs * outputs), bias = Values(random, outputs);
                float[] alone = new float[outputs], twice = new float[2 * outputs];
                FewOutputs.Forward(row, 1, weights, bias, alone);
                FewOutputs.Forward([.. row, .. row], 2, weights, bias, twice);
                var expected = Enumerable.Range(0, outputs).Select(o => Bits(Chained(row, weights, o, outputs) + bias[o])).ToArray();
                Assert.Equal(expected, alone.Select(Bits));
                Assert.Equal([.. expected, .. expected], twice.Select(Bits));
            }
        }
    }

    private static float Chained(float[] row, float[] weights, int output, int outputs)
    {
        var chains = new float[4];
        for (var k = 0; k < row.Length; k++)
        {
            chains[k % 4] = MathF.FusedMultiplyAdd(row[k], weights[(k * outputs) + output], chains[k % 4]);
        }
        return (chains[0] + chains[1]) + (chains[2] + chains[3]);
    }

    /// <summary>Some are zeros of either sign.</summary>
    private static float[] Values(RandomStream random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(6) switch { 0 => 0f, 1 => -0f, _ => (float)random.NextGaussian() })];

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
