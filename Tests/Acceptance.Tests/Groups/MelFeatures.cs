using System.Buffers.Binary;

namespace Acceptance.Tests;

/// <summary>20 log-mel bands of a recording at 8 kHz, each averaged over eight equal parts.</summary>
internal static class MelFeatures
{
    private const int Frame = 256;
    private const int Hop = 128;
    private const int Bands = 20;
    private const int Parts = 8;

    private static readonly double[] Hann =
        [.. Enumerable.Range(0, Frame).Select(static i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Frame)))];
    private static readonly (double Cosine, double Sine)[] Turns =
        [.. Enumerable.Range(0, Frame).Select(static i => (Math.Cos(2 * Math.PI * i / Frame), Math.Sin(2 * Math.PI * i / Frame)))];
    private static readonly double[] Edges =
        [.. Enumerable.Range(0, Bands + 2).Select(static i => HertzOf(MelOf(4000) * i / (Bands + 1)) * Frame / 8000)];

    private static readonly double[][] Shares =
        [.. Enumerable.Range(1, Bands).Select(static band => Enumerable.Range(0, (Frame / 2) + 1).Select(bin =>
            Math.Max(0, Math.Min((bin - Edges[band - 1]) / (Edges[band] - Edges[band - 1]),
                (Edges[band + 1] - bin) / (Edges[band + 1] - Edges[band])))).ToArray())];

    internal static float[] Of(ReadOnlySpan<byte> sound)
    {
        var samples = new double[Math.Max(sound.Length / 2, Frame)];
        for (var i = 0; i < sound.Length / 2; i++) { samples[i] = BinaryPrimitives.ReadInt16LittleEndian(sound[(2 * i)..]) / 32768.0; }
        List<double[]> frames = [];
        for (var at = 0; at + Frame <= samples.Length; at += Hop) { frames.Add(BandsOf(samples.AsSpan(at, Frame))); }
        var features = new float[Bands * Parts];
        for (var part = 0; part < Parts; part++)
        {
            var first = part * frames.Count / Parts;
            var end = Math.Max(first + 1, (part + 1) * frames.Count / Parts);
            for (var band = 0; band < Bands; band++)
            {
                features[(band * Parts) + part] = (float)frames[first..end].Average(f => f[band]);
            }
        }

        return features;
    }

    private static double[] BandsOf(ReadOnlySpan<double> frame)
    {
        var power = new double[(Frame / 2) + 1];
        Span<double> values = stackalloc double[Frame];
        for (var t = 0; t < Frame; t++) { values[t] = frame[t] * Hann[t]; }
        for (var bin = 0; bin < power.Length; bin++)
        {
            var (re, im) = (0.0, 0.0);
            for (var t = 0; t < Frame; t++)
            {
                var (cosine, sine) = Turns[bin * t % Frame];
                (re, im) = (re + (values[t] * cosine), im + (values[t] * sine));
            }

            power[bin] = (re * re) + (im * im);
        }

        return [.. Shares.Select(shares => Math.Log(1e-6 + shares.Zip(power).Sum(static s => s.First * s.Second)))];
    }

    private static double MelOf(double hertz) => 2595 * Math.Log10(1 + (hertz / 700));

    private static double HertzOf(double mel) => 700 * (Math.Pow(10, mel / 2595) - 1);
}
