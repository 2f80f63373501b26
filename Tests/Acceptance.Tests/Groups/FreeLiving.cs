namespace Acceptance.Tests;

/// <summary>
/// People who wear a sensor of three axes at 20 Hz as they like, and live as they like: bouts of random length, of some activities more
/// than of others, each person with a turn of the sensor, a cadence and a strength of their own; two labels in a hundred are wrong.
/// </summary>
internal static class FreeLiving
{
    internal const int Classes = 6;

    private const double Hertz = 20;

    /// <summary>Lying, sitting, walking, stairs, running, cycling: gravity, gait in g, cadence in Hz, share of the second
    /// harmonic.</summary>
    private static readonly (double X, double Y, double Z, double Gait, double Cadence, double Second)[] Patterns =
    [
        (0.1, 0.3, 0.95, 0.004, 0.3, 0), (0.8, 0.1, 0.6, 0.012, 0.4, 0.2), (0.98, 0, 0.2, 0.28, 1.8, 0.3),
        (0.97, 0.05, 0.24, 0.24, 1.55, 0.7), (0.98, 0, 0.15, 0.75, 2.6, 0.5), (0.85, 0.1, 0.5, 0.14, 1.2, 0.15),
    ];

    internal static IReadOnlyList<Group> Of(int people, int windows, long seed) =>
        [.. Enumerable.Range(0, people).Select(p => Of($"person {p}", windows, new RandomStream(seed, $"person {p}")))];

    private static Group Of(string name, int windows, RandomStream random)
    {
        var (rows, labels) = (new List<float>(), new List<int>());
        var turn = Turn(0.5, random);
        var (strength, cadence) = (Math.Exp(0.3 * random.NextGaussian()), Math.Exp(0.12 * random.NextGaussian()));
        double[] likes = [.. Enumerable.Range(0, Classes).Select(_ => Math.Exp(random.NextGaussian()))];
        while (labels.Count < windows)
        {
            var activity = Draw(likes, random);
            var pattern = Patterns[activity];
            var (slip, gait) = (Turn(0.15, random), strength * pattern.Gait * Math.Exp(0.2 * random.NextGaussian()));
            var (hertz, phase) = (cadence * pattern.Cadence * Math.Exp(0.06 * random.NextGaussian()), random.NextDouble(0, 2 * Math.PI));
            var left = 3 + (int)(-8 * Math.Log(1 - random.NextDouble(0, 1)));
            for (; left > 0 && labels.Count < windows; left--)
            {
                var window = new float[3 * MotionFeatures.Samples];
                for (var t = 0; t < MotionFeatures.Samples; t++)
                {
                    phase += 2 * Math.PI * hertz / Hertz;
                    var swing = gait * (Math.Sin(phase) + (pattern.Second * Math.Sin(2 * phase)));
                    var value = turn.Of(slip.Of((pattern.X + swing, pattern.Y + (0.5 * gait * Math.Cos(phase / 2)),
                        pattern.Z + (0.4 * gait * Math.Cos(phase)))));
                    window[t] = (float)(value.X + (0.03 * random.NextGaussian()));
                    window[MotionFeatures.Samples + t] = (float)(value.Y + (0.03 * random.NextGaussian()));
                    window[(2 * MotionFeatures.Samples) + t] = (float)(value.Z + (0.03 * random.NextGaussian()));
                }

                rows.AddRange(MotionFeatures.Of(window));
                labels.Add(random.NextDouble(0, 1) < 0.02 ? random.NextInt32(Classes) : activity);
            }
        }

        return new(name, new([.. rows], [.. labels]));
    }

    private static int Draw(double[] weights, RandomStream random)
    {
        var (at, left) = (0, random.NextDouble(0, weights.Sum()));
        while (at < weights.Length - 1 && left >= weights[at]) { left -= weights[at++]; }
        return at;
    }

    private static Rotation Turn(double radians, RandomStream random) =>
        new(radians * random.NextGaussian(), radians * random.NextGaussian(), radians * random.NextGaussian());

    private readonly record struct Rotation(double A, double B, double C)
    {
        internal (double X, double Y, double Z) Of((double X, double Y, double Z) v)
        {
            (v.X, v.Y) = Turned(v.X, v.Y, A);
            (v.Y, v.Z) = Turned(v.Y, v.Z, B);
            (v.Z, v.X) = Turned(v.Z, v.X, C);
            return v;
        }

        private static (double, double) Turned(double a, double b, double by) =>
            ((a * Math.Cos(by)) - (b * Math.Sin(by)), (a * Math.Sin(by)) + (b * Math.Cos(by)));
    }
}
