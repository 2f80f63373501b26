namespace Tool.Tests;

/// <summary>People who carry phones: each phone has a rate, an orientation, a gain and an offset of its own; each person a pace, a strength
/// and a style.</summary>
internal static class Phones
{
    private const int BoutSeconds = 12;
    private static readonly string[] Classes = ["bike", "sit", "stairs down", "stairs up", "stand", "walk"];

    // hertz, swing (g), second harmonic, side swing, lean (radians)
    private static readonly (double Hertz, double Swing, double Second, double Side, double Lean)[] Ways =
        [(1.2, 0.15, 0.02, 0.2, 0.9), (0, 0, 0, 0, 1.2), (2.0, 0.45, 0.3, 0.12, 0.15), (1.6, 0.3, 0.12, 0.16, 0.3), (0, 0, 0, 0, 0.05),
            (1.8, 0.35, 0.15, 0.12, 0.1)];

    internal static VariantRows Of(int seed, int people, double[] rates) => new("phones", ["x [gn]", "y [gn]", "z [gn]"], rates[0],
        [.. Enumerable.Range(0, people).Select(p => Person(seed, p, rates[p % rates.Length]))]);

    private static VariantPart Person(int seed, int person, double rate)
    {
        var random = new RandomStream(seed, $"phone {person}");
        var (pace, strength, style) = (Math.Exp(0.12 * random.NextGaussian()), Math.Exp(0.35 * random.NextGaussian()),
            Math.Exp(0.3 * random.NextGaussian()));
        var (turn, tilt, gain) = (0.5 * random.NextGaussian(), 0.25 * random.NextGaussian(), Math.Exp(0.03 * random.NextGaussian()));
        double[] offset = [0.04 * random.NextGaussian(), 0.04 * random.NextGaussian(), 0.04 * random.NextGaussian()];
        var (values, labels, phase) = (new List<float[]>(), new List<string>(), 0.0);
        foreach (var bout in Enumerable.Range(0, 18).Select(b => (b * 5) % 6))
        {
            var way = Ways[bout];
            var hertz = way.Hertz * pace * Math.Exp(0.05 * random.NextGaussian());
            var lean = way.Lean + tilt + (0.1 * random.NextGaussian());
            for (var row = 0; row < BoutSeconds * rate; row++)
            {
                phase += 2 * Math.PI * hertz / rate;
                var up = 1 + (strength * ((way.Swing * Math.Sin(phase)) + (style * way.Second * Math.Sin((2 * phase) + 0.6))));
                var side = strength * style * way.Side * Math.Sin((phase / 2) + 1);
                var (x, y, z) = (up * Math.Cos(lean), side, up * Math.Sin(lean));
                double[] turned = [(x * Math.Cos(turn)) - (y * Math.Sin(turn)), (x * Math.Sin(turn)) + (y * Math.Cos(turn)), z];
                values.Add([.. turned.Select((v, c) => (float)((gain * v) + offset[c] + (0.03 * random.NextGaussian())))]);
                labels.Add(Classes[bout]);
            }
        }

        return new($"p{person:00}", [.. values], [.. labels]) { Rate = rate };
    }
}
