namespace Acceptance.Tests;

/// <summary>Digits of 14 × 14 noisy pixels, and three classifiers that differ in what they have and have seen: a device's, an edge's and a
/// cloud's, each calibrated on 1,000 digits of its own.</summary>
internal sealed class CascadeDigits
{
    internal const int Pixels = 14 * 14;
    private const double Noise = 0.25;

    internal CascadeDigits(long seed)
    {
        Seed = seed;
        Device = Tier(new SoftmaxRegression(Pixels, GlyphDigits.Classes, seed), 250, epochs: 12);
        Edge = Tier(NetworkOf(12), 1200, epochs: 8);
        Cloud = Tier(NetworkOf(64), 4000, epochs: 6);
    }

    internal long Seed { get; }

    internal ModelTier Device { get; }

    internal ModelTier Edge { get; }

    internal ModelTier Cloud { get; }

    internal (ImmutableArray<CascadeQuestion> Questions, ImmutableArray<int> Labels) Unseen(int count, string name, double contrast = 1)
    {
        var (rows, labels) = Rows(count, name, contrast);
        var questions = Enumerable.Range(0, count).Select(i => new CascadeQuestion
        {
            Key = i,
            Values = [.. rows.AsSpan(i * Pixels, Pixels)],
        });
        return ([.. questions], labels);
    }

    private Network NetworkOf(int hidden) =>
        new(new(Pixels), GlyphDigits.Classes, [new Dense(hidden), new Relu()], [new(1, new Dense(GlyphDigits.Classes))], Seed);

    private ModelTier Tier(IModel model, int count, int epochs)
    {
        var (rows, labels) = Rows(count, $"{model.Plan.Values} training");
        float[] weights = [.. model.Initial.Values];
        var optimizer = new Adam(0.003f);
        var (state, gradients) = (new float[optimizer.StateValues * weights.Length], new float[weights.Length]);
        var (memory, step) = (new Workspace(), 0);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            for (var first = 0; first < count; first += 25)
            {
                Sample batch = new(rows.AsSpan(first * Pixels, 25 * Pixels), labels.AsSpan().Slice(first, 25));
                model.Step(weights, batch, optimizer, state, ++step, gradients, memory);
            }
        }

        var learned = model.Initial with { Version = 1, Values = [.. weights] };
        var (held, heldLabels) = Rows(1000, $"{model.Plan.Values} calibration");
        var scores = new float[1000 * GlyphDigits.Classes];
        model.Infer(weights, new(held, 1000), scores, memory);
        foreach (ref var score in scores.AsSpan()) { score = MathF.Log(Math.Max(score, 1e-30f)); }
        return new(model, learned, ExitRule.FitTemperature(scores, heldLabels.AsSpan()));
    }

    private (float[] Rows, ImmutableArray<int> Labels) Rows(int count, string name, double contrast = 1)
    {
        var random = new RandomStream(Seed, name);
        var digits = GlyphDigits.Generate(count, random.NextInt64(long.MaxValue));
        var rows = new float[count * Pixels];
        for (var i = 0; i < count; i++)
        {
            var pixels = digits.Row(i);
            for (var p = 0; p < Pixels; p++)
            {
                var at = (p / 14 * 2 * GlyphDigits.Side) + (p % 14 * 2);
                var mean = (pixels[at] + pixels[at + 1] + pixels[at + GlyphDigits.Side] + pixels[at + GlyphDigits.Side + 1]) / 4;
                rows[(i * Pixels) + p] = (float)(contrast * mean) + (float)(Noise * random.NextGaussian());
            }
        }

        return (rows, digits.Labels);
    }
}
