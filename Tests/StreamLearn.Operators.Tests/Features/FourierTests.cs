using System.Runtime.Intrinsics;

namespace StreamLearn.Operators.Tests;

public sealed class FourierTests
{
    [Fact]
    public void The_spectrum_of_any_length_is_that_of_the_definition()
    {
        foreach (var n in Enumerable.Range(1, 70).Concat([96, 100, 127, 128, 200, 256, 500, 1024]))
        {
            var signal = Signal(n);
            var squares = new double[(n / 2) + 1];
            new RealFourier(n).Squares(signal, squares);
            var expected = Enumerable.Range(0, squares.Length).Select(k => Square(signal, k)).ToArray();
            Assert.All(expected.Zip(squares), p => Assert.Equal(p.First, p.Second, 1e-9 * n));
        }
    }

    [Fact]
    public void Powers_add_up_to_the_variance()
    {
        foreach (var n in new[] { 2, 3, 7, 64, 99, 128 })
        {
            var signal = Signal(n);
            var mean = signal.Average();
            var power = new double[(n / 2) + 1];
            new RealFourier(n).Power([.. signal.Select(v => v - mean)], power);
            Assert.Equal(signal.Average(v => (v - mean) * (v - mean)), power.Sum(), 1e-12);
            Assert.Equal(0, power[0]);
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4), InlineData(8)]
    public void A_stage_gives_the_same_bits_at_any_width_of_vectors(int run)
    {
        const int Half = 32;
        var scalar = Stage(run, InRuns<FourierLanes64, double>);
        var wide = Stage(run, run < 8 ? Shuffled<FourierLanes512, Vector512<double>> : InRuns<FourierLanes512, Vector512<double>>);
        var narrow = Stage(run, run < 4 ? Shuffled<FourierLanes256, Vector256<double>> : InRuns<FourierLanes256, Vector256<double>>);
        Assert.Equal(4 * Half, scalar.Length);
        Assert.Equal(scalar, wide);
        Assert.Equal(scalar, narrow);

        static void InRuns<TLanes, TVector>(double[] re, double[] im, double[] toRe, double[] toIm, double[] cos, double[] sin, int run)
            where TLanes : struct, IFourierLanes<TVector>
            where TVector : struct =>
            Butterflies.InRuns<TLanes, TVector>(ref re[0], ref im[0], ref toRe[0], ref toIm[0], ref cos[0], ref sin[0], Half, run);

        static void Shuffled<TLanes, TVector>(double[] re, double[] im, double[] toRe, double[] toIm, double[] cos, double[] sin, int run)
            where TLanes : struct, IFourierLanes<TVector>
            where TVector : struct =>
            Butterflies.Shuffled<TLanes, TVector>(ref re[0], ref im[0], ref toRe[0], ref toIm[0], ref cos[0], ref sin[0], Half, run);
    }

    /// <summary>What a stage writes, with one factor for each run, as tables have it.</summary>
    private static double[] Stage(int run, Action<double[], double[], double[], double[], double[], double[], int> stage)
    {
        var (re, im) = (Signal(64), Signal(65)[1..]);
        var (toRe, toIm) = (new double[64], new double[64]);
        double[] cos = [.. Enumerable.Range(0, 32).Select(j => Math.Cos(j / run * run))];
        double[] sin = [.. Enumerable.Range(0, 32).Select(j => Math.Sin(j / run * run))];
        stage(re, im, toRe, toIm, cos, sin, run);
        return [.. toRe, .. toIm];
    }

    private static double[] Signal(int n)
    {
        var random = new RandomStream(n, "signal");
        return [.. Enumerable.Range(0, n).Select(_ => random.NextGaussian())];
    }

    private static double Square(double[] signal, int k)
    {
        var (re, im) = (0.0, 0.0);
        for (var t = 0; t < signal.Length; t++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * ((long)k * t % signal.Length) / signal.Length);
            (re, im) = (re + (signal[t] * cos), im - (signal[t] * sin));
        }
        return (re * re) + (im * im);
    }
}
