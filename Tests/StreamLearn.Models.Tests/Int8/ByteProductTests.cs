namespace StreamLearn.Models.Tests;

/// <summary>Products and factors of integers, on every kind of vector that this machine has.</summary>
public sealed class ByteProductTests
{
    [Theory]
    [InlineData(1, 1, 1, 1), InlineData(1, 7, 33, 5), InlineData(1, 128, 64, 9), InlineData(3, 10, 17, 6)]
    [InlineData(5, 3, 40, 4)]
    public void Every_kind_of_vector_gives_the_sums_of_the_formula(int lines, int width, int outputs, int windows)
    {
        var random = new RandomStream(1, "products");
        const int Apart = 3;
        var linePitch = width + (windows * Apart);
        sbyte[] weights = [.. Enumerable.Range(0, lines * width * outputs)
            .Select(i => (sbyte)(i % 5 == 0 ? -127 : random.NextInt32(255) - 127))];
        byte[] inputs = [.. Enumerable.Range(0, lines * linePitch).Select(i => (byte)(i % 3 == 0 ? 255 : random.NextInt32(256)))];
        var expected = new int[windows, outputs];
        for (var i = 0; i < windows * outputs * lines * width; i++)
        {
            var (w, o, l, k) = (i / width / lines / outputs, i / width / lines % outputs, i / width % lines, i % width);
            expected[w, o] += inputs[(w * Apart) + (l * linePitch) + k] * weights[(((l * width) + k) * outputs) + o];
        }

        foreach (var product in ByteProduct.All(weights, lines, width, outputs))
        {
            var laid = new byte[(inputs.Length * product.InputBytes) + ByteProduct.Slack];
            product.LayOut(inputs, laid);
            var sums = new int[windows * product.Pitch];
            product.Sums(laid, Apart, linePitch, sums);
            for (var i = 0; i < windows * outputs; i++)
            {
                var (w, o) = (i / outputs, i % outputs);
                Assert.True(expected[w, o] == sums[(w * product.Pitch) + o] + product.Corrections[o],
                    $"{product.Name}: window {w}, output {o}");
            }
        }
    }

    [Fact]
    public void Too_few_inputs_are_refused()
    {
        var product = ByteProduct.Of(new sbyte[64], 1, 8, 8);
        Assert.Throws<ArgumentException>(() => product.Sums(new byte[(8 * product.InputBytes) - 1], 8, 0, new int[product.Pitch]));
    }

    /// <summary>Jacob et al. (2018): M0 is at least ½, and a product is the nearest integer, or the next: it rounds twice.</summary>
    [Fact]
    public void A_factor_in_fixed_point_gives_the_nearest_integer_or_the_next()
    {
        var random = new RandomStream(2, "factors");
        for (var i = 0; i < 20_000; i++)
        {
            var factor = Math.ScaleB(random.NextDouble(0.5, 1), -random.NextInt32(24));
            var sum = random.NextInt32(1 << (1 + random.NextInt32(29))) * (i % 2 == 0 ? 1 : -1);
            var (whole, shift) = FixedPoint.Of(factor);
            Assert.InRange(whole, 1 << 30, int.MaxValue);
            Assert.InRange(Math.Abs(FixedPoint.Times(sum, whole, shift) - (sum * factor)), 0, 0.5001 + Math.ScaleB(1, -shift));
        }
    }

    [Theory]
    [InlineData(0.5, 3, 2)]            // half away from zero
    [InlineData(0.5, -3, -1)]          // the high multiply rounds up where nothing is shifted
    [InlineData(0.25, 6, 2)]
    [InlineData(0.25, -6, -2)]
    [InlineData(0.125, 12, 2)]
    [InlineData(0.125, -12, -2)]
    [InlineData(2, 5, 10)]
    [InlineData(1e9, 1, 4194304)]      // beyond 8 bits whatever it is
    [InlineData(1e-12, int.MaxValue, 0)]
    [InlineData(0, 7, 0)]
    public void Factors_round_as_those_of_gemmlowp(double factor, int sum, int expected)
    {
        var (whole, shift) = FixedPoint.Of(factor);
        Assert.InRange(FixedPoint.Times(sum, whole, shift) - expected, -1, 1);
        if (factor < 1e3) { Assert.Equal(expected, FixedPoint.Times(sum, whole, shift)); }
    }

    [Fact]
    public void Vectors_make_the_numbers_that_single_values_make()
    {
        var random = new RandomStream(3, "numbers");
        for (var count = 1; count < 40; count++)
        {
            double[] factors = [.. Enumerable.Range(0, count)
                .Select(i => Math.ScaleB(random.NextDouble(0.5, 1), -random.NextInt32(20) - (i % 7 == 0 ? 12 : 0)))];
            var pitch = (count + 31) / 32 * 32;
            int[] sums = [.. Enumerable.Range(0, pitch).Select(i => (int)(random.NextGaussian() * Math.ScaleB(1, random.NextInt32(31))))];
            int[] biases = [.. Enumerable.Range(0, pitch).Select(_ => random.NextInt32(100_000) - 50_000)];
            foreach (byte zero in (byte[])[0, 17, 255])
            {
                var numbers = new byte[count];
                new FixedPoint(factors).Numbers([.. sums], biases, zero, least: (byte)(zero / 2), numbers);
                Assert.Equal(Enumerable.Range(0, count).Select(i =>
                {
                    var (whole, shift) = FixedPoint.Of(factors[i]);
                    return (byte)Math.Clamp((long)FixedPoint.Times(sums[i] + biases[i], whole, shift) + zero, zero / 2, 255);
                }), numbers);
            }
        }
    }
}
