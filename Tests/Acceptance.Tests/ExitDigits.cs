namespace Acceptance.Tests;

/// <summary>A network with two exits, trained on digits, and digits that it has not seen.</summary>
internal sealed class ExitDigits
{
    private const int BatchRows = 32;

    private ExitDigits(Network network, float[] weights, long seed)
    {
        (Network, Weights) = (network, weights);
        (Validation, Unseen) = (GlyphDigits.Generate(2000, 100 + seed), GlyphDigits.Generate(3000, 200 + seed));
        Curve = ExitTuner.Choose(Logits(Validation), Validation.Labels.AsSpan(), network.MultiplyAddsTo);
        var judging = GlyphDigits.Generate(4000, 300 + seed);
        Judgement = ExitTuner.Judge(Curve, Logits(judging), judging.Labels.AsSpan());
    }

    internal Network Network { get; }

    internal float[] Weights { get; }

    internal GlyphDigits Validation { get; }

    internal GlyphDigits Unseen { get; }

    internal ExitCurve Curve { get; }

    internal ExitJudgement Judgement { get; }

    /// <summary>As in AT-5b: 784-64-256-256-10 with an exit after the first hidden layer, 6000 digits, 8 epochs, rate 0.02 then
    /// 0.004.</summary>
    internal static ExitDigits Full(long seed) => Train(NetworkOf(64, 256, 1, seed), 6000, epochs: 8, fullRate: 5, 0.02f, seed);

    /// <summary>A small one whose first exit is weak: its choices reach from a tenth of the work to a third or a half.</summary>
    internal static ExitDigits Small(long seed) => Train(NetworkOf(6, 192, 0.5f, seed), 3000, epochs: 5, fullRate: 4, 0.03f, seed);

    internal (double Accuracy, double Work, double Early) Answer(ExitRule rule)
    {
        var rows = Unseen.Count;
        var (probabilities, exits) = (new float[rows * GlyphDigits.Classes], new int[rows]);
        var executed = Network.Answer(Weights, new(Unseen.Features.AsSpan(), rows), rule, probabilities, exits, new());
        var correct = 0;
        for (var r = 0; r < rows; r++)
        {
            var row = probabilities.AsSpan(r * GlyphDigits.Classes, GlyphDigits.Classes);
            var likeliest = 0;
            for (var c = 1; c < row.Length; c++) { likeliest = row[c] > row[likeliest] ? c : likeliest; }
            if (likeliest == Unseen.Labels[r]) { correct++; }
        }

        return ((double)correct / rows, (double)executed / (rows * Network.Plan.MultiplyAdds), exits.Count(e => e == 0) / (double)rows);
    }

    private static Network NetworkOf(int first, int width, float earlyWeight, long seed) => new(
        new(GlyphDigits.Pixels),
        GlyphDigits.Classes,
        [new Dense(first), new Relu(), new Dense(width), new Relu(), new Dense(width), new Relu()],
        [new(1, new Dense(GlyphDigits.Classes), earlyWeight), new(5, new Dense(GlyphDigits.Classes))],
        seed);

    private static ExitDigits Train(Network network, int rows, int epochs, int fullRate, float rate, long seed)
    {
        var digits = GlyphDigits.Generate(rows, seed);
        float[] weights = [.. network.Initial.Values];
        var (gradients, velocity, memory) = (new float[weights.Length], new float[weights.Length], new Workspace());
        var (random, order) = (new RandomStream(seed, "order"), Enumerable.Range(0, rows).ToArray());
        for (var (epoch, step) = (0, 0); epoch < epochs; epoch++)
        {
            for (var i = rows - 1; i > 0; i--)
            {
                var other = random.NextInt32(i + 1);
                (order[i], order[other]) = (order[other], order[i]);
            }

            var optimizer = new Sgd(epoch < fullRate ? rate : rate / 5, 0.9f, float.PositiveInfinity);
            foreach (var batch in order.Chunk(BatchRows))
            {
                float[] features = [.. batch.SelectMany(r => digits.Row(r).ToArray())];
                int[] labels = [.. batch.Select(r => digits.Labels[r])];
                network.Loss(weights, new(features, labels), gradients, memory);
                optimizer.Step(network.Plan, weights, gradients, velocity, ++step);
            }
        }

        return new(network, weights, seed);
    }

    private float[] Logits(GlyphDigits digits)
    {
        var logits = new float[Network.Exits.Length * digits.Count * GlyphDigits.Classes];
        Network.Logits(Weights, new(digits.Features.AsSpan(), digits.Count), logits, new());
        return logits;
    }
}
