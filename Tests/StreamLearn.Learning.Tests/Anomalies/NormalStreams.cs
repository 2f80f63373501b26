namespace StreamLearn.Learning.Tests;

/// <summary>Streams without anomalies.</summary>
internal static class NormalStreams
{
    internal const int Channels = 4;
    internal static readonly string[] Kinds = ["autoregressive", "heavy tails", "seasonal", "vibration"];

    /// <summary>Gives the next row with each call.</summary>
    internal static Action<Span<float>> Make(string kind, long seed)
    {
        var random = new RandomStream(seed, $"normal {kind}");
        return kind switch
        {
            "autoregressive" => Autoregressive(random),
            "heavy tails" => row => HeavyTails(random, row),
            "seasonal" => Seasonal(random),
            _ => Vibration(random),
        };
    }

    /// <summary>Gaussian, with memories of 2 to 10 rows, and one shared part.</summary>
    private static Action<Span<float>> Autoregressive(RandomStream random)
    {
        var state = new double[Channels];
        return row =>
        {
            var shared = random.NextGaussian();
            for (var c = 0; c < Channels; c++)
            {
                state[c] = ((0.9 - (0.2 * c)) * state[c]) + (0.5 * shared) + random.NextGaussian();
                row[c] = (float)(20 + state[c]);
            }
        };
    }

    /// <summary>Student's t with five degrees of freedom.</summary>
    private static void HeavyTails(RandomStream random, Span<float> row)
    {
        foreach (ref var value in row)
        {
            var (numerator, squares) = (random.NextGaussian(), 0.0);
            for (var i = 0; i < 5; i++)
            {
                var gaussian = random.NextGaussian();
                squares += gaussian * gaussian;
            }
            value = (float)(numerator / Math.Sqrt(squares / 5));
        }
    }

    /// <summary>Waves of 200 and 37 rows with noise.</summary>
    private static Action<Span<float>> Seasonal(RandomStream random)
    {
        var at = 0;
        return row =>
        {
            at++;
            for (var c = 0; c < Channels; c++)
            {
                var wave = Math.Sin((at * Math.Tau / 200) + c) + (0.5 * Math.Sin(at * Math.Tau / 37));
                row[c] = (float)(wave + (0.2 * random.NextGaussian()));
            }
        };
    }

    /// <summary>Root mean square, peak, crest and kurtosis of 64 samples of a resonance that noise drives.</summary>
    private static Action<Span<float>> Vibration(RandomStream random)
    {
        var (last, before) = (0.0, 0.0);
        return row =>
        {
            var (squares, fourths, peak) = (0.0, 0.0, 0.0);
            for (var i = 0; i < 64; i++)
            {
                (last, before) = ((1.2 * last) - (0.7 * before) + random.NextGaussian(), last);
                (squares, fourths, peak) = (squares + (last * last), fourths + (last * last * last * last), Math.Max(peak, Math.Abs(last)));
            }
            var level = Math.Sqrt(squares / 64);
            (row[0], row[1]) = ((float)level, (float)peak);
            (row[2], row[3]) = ((float)(peak / level), (float)(fourths * 64 / (squares * squares)));
        };
    }
}
