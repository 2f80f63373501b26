namespace StreamLearn.Compression.Tests;

public sealed class Affine8Tests
{
    /// <summary>Vectors take 64 values and ranges 16: the numbers are those of the formula at any length.</summary>
    [Fact]
    public void The_numbers_are_those_of_the_formula_at_any_length()
    {
        var random = new RandomStream(seed: 5, "affine");
        for (var length = 2; length < 200; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextGaussian() * Math.Exp(random.NextGaussian())))];
            var affine = Affine8.Of(values)!.Value;
            var numbers = new byte[length];
            affine.Quantize(values, numbers);
            var (low, high) = (Math.Min(0, values.Min()), Math.Max(0, values.Max()));
            var scale = (float)(((double)high - low) / 255);
            var zero = Math.Round((double)(-low / scale), MidpointRounding.AwayFromZero);
            Assert.Equal((scale, (byte)zero), (affine.Scale, affine.Zero));
            Assert.Equal(
                values.Select(v => (byte)Math.Clamp(Math.Round((double)(v / scale), MidpointRounding.AwayFromZero) + zero, 0, 255)),
                numbers);
        }
    }

    [Fact]
    public void Half_a_step_rounds_away_from_zero()
    {
        float[] values = [.. Enumerable.Repeat(0f, 60), -2.5f, -0.5f, 0.5f, 1.5f, -100, 155, -2.5f, -0.5f, 0.5f, 1.5f];
        var numbers = new byte[values.Length];
        Affine8.Of(values)!.Value.Quantize(values, numbers);
        Assert.Equal([97, 99, 101, 102, 0, 255, 97, 99, 101, 102], numbers[60..]);
    }

    [Theory, InlineData(2), InlineData(16), InlineData(17), InlineData(64), InlineData(100)]
    public void A_value_that_is_not_finite_is_found_anywhere(int length)
    {
        for (var at = 0; at < length; at++)
        {
            foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                float[] values = [.. Enumerable.Range(0, length).Select(static i => (float)i)];
                values[at] = value;
                Assert.Null(Affine8.Of(values));
            }
        }
    }
}
