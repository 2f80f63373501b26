using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>The network of AT-5b without its early exit, 784-64-256-256-10, trained on 6,000 digits, and digits that it has not
/// seen.</summary>
internal sealed class CompressedDigits
{
    private static readonly Lazy<CompressedDigits>[] Seeds =
        [.. Enumerable.Range(0, 3).Select(static seed => new Lazy<CompressedDigits>(() => new(seed)))];

    private readonly GlyphDigits _digits;
    private readonly GlyphDigits _unseen;

    private CompressedDigits(long seed)
    {
        (_digits, _unseen) = (GlyphDigits.Generate(6000, seed), GlyphDigits.Generate(3000, 200 + seed));
        var network = ReferenceModels.Mlp(GlyphDigits.Pixels, [64, 256, 256], GlyphDigits.Classes, seed);
        Mlp = Untrained(network).Retrain(Rows, new()
        {
            Optimizer = new Sgd(0.02f, 0.9f, float.PositiveInfinity) { Schedule = Schedule.Step(900, 0.2f) },
            Steps = 1300,
            Seed = seed,
        });
    }

    internal Sample Rows => Some(0, _digits.Count);

    internal LoadedModel Mlp { get; }

    internal double MlpAccuracy => field == 0 ? field = Accuracy(Mlp) : field;

    /// <summary>Trained once for all tests; seeds 0, 1, 2.</summary>
    internal static CompressedDigits Of(int seed) => Seeds[seed].Value;

    internal static LoadedModel Untrained(Network network) => new(network, network.Initial, ModelCard.Empty);

    internal Sample Some(int from, int count) => new(
        _digits.Features.AsSpan().Slice(from * GlyphDigits.Pixels, count * GlyphDigits.Pixels),
        _digits.Labels.AsSpan().Slice(from, count));

    internal (float[] Features, int[] Labels) Unseen(int count) =>
        ([.. _unseen.Features.AsSpan()[..(count * GlyphDigits.Pixels)]], [.. _unseen.Labels.AsSpan()[..count]]);

    internal double Accuracy(LoadedModel model) => Evaluation
        .Of(model.Model, model.Weights, new(_unseen.Features.AsSpan(), _unseen.Labels.AsSpan())).Accuracy;

    internal float[] Answers(IModel model, Weights weights, int rows)
    {
        var answers = new float[rows * GlyphDigits.Classes];
        model.Infer(weights, weights.Values.AsSpan(), new(_unseen.Features.AsSpan()[..(rows * GlyphDigits.Pixels)], rows), answers, new());
        return answers;
    }
}
