namespace StreamLearn.Models.Tests;

/// <summary>The decoder once more: float64, plain loops over the whole prefix, no cache.</summary>
internal static class PlainDecoder
{
    /// <summary>What the blocks make of the last of some rows.</summary>
    internal static double[] Last(TransformerToy model, double[][] rows)
    {
        for (var b = 0; b < model.Blocks; b++) { rows = Block(model, model.BlockWeights(b).ToArray(), rows); }
        return rows[^1];
    }

    private static double[][] Block(TransformerToy model, float[] weights, double[][] rows)
    {
        var (width, at) = (model.Width, 0);
        float[] Take(int count) => weights[at..(at += count)];
        var (gain, bias) = (Take(width), Take(width));
        var (attention, attentionBias) = (Take(3 * width * width), Take(3 * width));
        var (mix, mixBias) = (Take(width * width), Take(width));
        var (gain2, bias2) = (Take(width), Take(width));
        var (wide, wideBias) = (Take(4 * width * width), Take(4 * width));
        var (narrow, narrowBias) = (Take(4 * width * width), Take(width));
        var projected = rows.Select(r => Dense(Norm(r, gain, bias), attention, attentionBias)).ToArray();
        var size = width / model.Heads;
        return [.. rows.Select((row, place) =>
        {
            var mixture = new double[width];
            for (var first = 0; first < width; first += size)
            {
                var looks = Enumerable.Range(0, place + 1).Select(other => Math.Exp(Enumerable.Range(first, size)
                    .Sum(i => projected[place][i] * projected[other][width + i]) / Math.Sqrt(size))).ToArray();
                for (var i = first; i < first + size; i++)
                {
                    mixture[i] = looks.Select((look, other) => look * projected[other][(2 * width) + i]).Sum() / looks.Sum();
                }
            }

            var middle = Sum(row, Dense(mixture, mix, mixBias));
            var hidden = Dense(Norm(middle, gain2, bias2), wide, wideBias).Select(v => Math.Max(v, 0)).ToArray();
            return Sum(middle, Dense(hidden, narrow, narrowBias));
        })];
    }

    private static double[] Norm(double[] row, float[] gain, float[] bias)
    {
        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + 1e-5);
        return [.. row.Select((v, i) => ((v - mean) / deviation * gain[i]) + bias[i])];
    }

    private static double[] Dense(double[] row, float[] weights, float[] bias) =>
        [.. bias.Select((b, o) => b + row.Select((v, i) => v * weights[(i * bias.Length) + o]).Sum())];

    private static double[] Sum(double[] row, double[] other) => [.. row.Zip(other, (a, b) => a + b)];
}
