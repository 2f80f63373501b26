namespace StreamLearn.Learning.Tests;

/// <summary>A step of descent on the weights of one row beside the two operations that it is made of.</summary>
public sealed class OuterProductTests
{
    [Theory]
    [InlineData(0f)]
    [InlineData(0.9f)]
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

    /// <summary>Some are zeros of either sign.</summary>
    private static float[] Values(RandomStream random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(6) switch { 0 => 0f, 1 => -0f, _ => (float)random.NextGaussian() })];

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
