using System.Runtime.Intrinsics;

namespace StreamLearn.Models.Tests;

/// <summary>The steps of exponentials, logarithms and softmax, one value at a time: vectors of any width have to give these bits.</summary>
public sealed class LossOrderTests
{
    [Fact]
    public void Exponentials_are_right_to_the_last_digits_and_one_at_zero()
    {
        float[] arguments = [.. Enumerable.Range(0, 40_001).Select(i => -i * 0.00216f)], powers = [.. arguments];
        Exponentials.Of(powers);
        for (var i = 0; i < powers.Length; i++)
        {
            var expected = Math.Exp(arguments[i]);
            Assert.InRange(powers[i], expected * (1 - 1.2e-7), expected * (1 + 1.2e-7));
        }
        float[] corners = [0, -0f, float.NegativeInfinity, float.NaN, -88, -1e30f, -float.Epsilon];
        Exponentials.Of(corners);
        Assert.Equal([1, 1, 0, float.NaN, 0, 0, 1], corners);
    }

    [Fact]
    public void Logarithms_are_right_to_the_last_digits_and_zero_at_one()
    {
        for (var x = 1f; x < 1e6f; x *= 1.0013f)
        {
            var expected = Math.Log(x);
            Assert.InRange(Logarithms.Of(Vector512.Create(x))[3], expected * (1 - 1.3e-7), expected * (1 + 1.3e-7));
        }
        Assert.Equal(0, Logarithms.Of(Vector512.Create(1f))[0]);
        Assert.True(float.IsNaN(Logarithms.Of(Vector512.Create(float.NaN))[0]));
    }

    [Fact]
    public void Exponentials_and_logarithms_take_the_stated_steps_whatever_their_number()
    {
        var random = new RandomStream(5, "loss-order");
        foreach (var count in new[] { 1, 3, 4, 15, 16, 17, 31, 100 })
        {
            float[] arguments = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble(-95, 0))], powers = [.. arguments];
            Exponentials.Of(powers);
            Same(arguments.Select(Exponential), powers);
            var sums = arguments.Select(a => 1 - (50 * a)).ToArray();
            Same(sums.Select(Logarithm), sums.Select(s => Logarithms.Of(Vector512.Create(s))[0]));
        }
    }

    [Theory]
    [InlineData(1, 6), InlineData(2, 10), InlineData(3, 6), InlineData(33, 10), InlineData(256, 6)]
    [InlineData(7, 32), InlineData(5, 33), InlineData(1, 100)]
    public void A_softmax_adds_in_the_stated_order(int rows, int classes)
    {
        foreach (var smoothing in new[] { 0, 0.125f })
        {
            var it = new LossCase(new SoftmaxCrossEntropy(smoothing), classes, rows, offsets: true);

            var (loss, gradient) = it.Run(0, rows);

            double expected = 0;
            var wanted = new List<float>();
            for (var r = 0; r < rows; r++)
            {
                float[] scores = [.. it.Part(it.Outputs, r, 1).Select((s, o) => s + it.Offsets[o])];
                var (label, highest, spread) = (it.Labels[r], scores.Max(), smoothing / classes);
                float sum = 0, distance = 0;
                foreach (var score in scores)
                {
                    distance += score - highest;
                    sum += Exponential(score - highest);
                }

                expected += Logarithm(sum) - (((1 - smoothing) * (scores[label] - highest)) + (spread * distance));
                wanted.AddRange(scores.Select((s, o) =>
                    MathF.FusedMultiplyAdd(Exponential(s - highest), 1 / sum, -spread) - (o == label ? 1 - smoothing : 0)));
            }

            Same(wanted, gradient);
            Assert.Equal(expected, loss);
        }
    }

    private static float Exponential(float x)
    {
        if (x < -87.33654f) { return 0; }
        var rounded = MathF.FusedMultiplyAdd(x, 1.44269504f, 12582912);
        var whole = rounded - 12582912;
        var rest = MathF.FusedMultiplyAdd(whole, 2.12194440e-4f, MathF.FusedMultiplyAdd(whole, -0.693359375f, x));
        var sum = 1.9875691500e-4f;
        foreach (var factor in new[] { 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f })
        {
            sum = MathF.FusedMultiplyAdd(rest, sum, factor);
        }
        return (MathF.FusedMultiplyAdd(rest * rest, sum, rest) + 1) * MathF.ScaleB(1, (int)whole);
    }

    private static float Logarithm(float x)
    {
        var power = MathF.ILogB(x);
        var rest = MathF.ScaleB(x, -power);
        if (rest >= 1.41421356f)
        {
            rest /= 2;
            power++;
        }

        rest -= 1;
        var sum = 7.0376836292e-2f;
        foreach (var factor in new[]
        {
            -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f, 2.0000714765e-1f,
            -2.4999993993e-1f, 3.3333331174e-1f,
        })
        {
            sum = MathF.FusedMultiplyAdd(rest, sum, factor);
        }

        var square = rest * rest;
        sum = MathF.FusedMultiplyAdd(power, -2.12194440e-4f, sum * rest * square);
        return MathF.FusedMultiplyAdd(power, 0.693359375f, rest + MathF.FusedMultiplyAdd(-0.5f, square, sum));
    }

    private static void Same(IEnumerable<float> expected, IEnumerable<float> actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
}
