namespace Acceptance.Tests;

/// <summary>Features of a window of three axes: of each axis and of their length, moments and four bands of the spectrum.</summary>
internal static class MotionFeatures
{
    internal const int Samples = 51;

    private const int Bands = 4;
    private const int BinsPerBand = 4;

    internal static float[] Of(ReadOnlySpan<float> window)
    {
        var features = new List<float>();
        var length = new float[Samples];
        for (var t = 0; t < Samples; t++)
        {
            length[t] = MathF.Sqrt((window[t] * window[t]) + (window[Samples + t] * window[Samples + t])
                + (window[(2 * Samples) + t] * window[(2 * Samples) + t]));
        }

        for (var axis = 0; axis < 3; axis++) { Add(window.Slice(axis * Samples, Samples).ToArray()); }
        Add(length);
        return [.. features];

        void Add(float[] values)
        {
            features.AddRange(Moments(values));
            features.Add(values.Average(static v => v * v));
            features.Add(values.Skip(1).Zip(values, static (b, a) => MathF.Abs(b - a)).Average());
            var mean = values.Average();
            for (var band = 0; band < Bands; band++)
            {
                var sum = 0.0;
                for (var bin = 1 + (band * BinsPerBand); bin <= (band + 1) * BinsPerBand; bin++)
                {
                    var (re, im) = (0.0, 0.0);
                    for (var t = 0; t < Samples; t++)
                    {
                        var (sine, cosine) = Math.SinCos(2 * Math.PI * bin * t / Samples);
                        (re, im) = (re + ((values[t] - mean) * cosine), im + ((values[t] - mean) * sine));
                    }

                    sum += Math.Sqrt((re * re) + (im * im)) / Samples;
                }

                features.Add((float)sum);
            }
        }
    }

    internal static float[] Moments(float[] values)
    {
        var mean = values.Average(static v => (double)v);
        return [(float)mean, (float)Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), values.Min(), values.Max()];
    }
}
