using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 8.1: <c>cnn-small</c> with integers of 8 bits.</summary>
public sealed class At08Int8(ITestOutputHelper output)
{
    private const int Side = 14;

    [Fact]
    public void AT_8a_Int8_takes_27_percent_and_answers_as_well_on_small_digits()
    {
        var (training, unseen) = (Small(GlyphDigits.Generate(1500, 1)), Small(GlyphDigits.Generate(2000, 2)));

        Holds(ReferenceModels.CnnSmall(seed: 1, Side), training, unseen, new(3, 32, new Adam(0.001f)), epochs: 1);
    }

    [LongFact]
    public void AT_8a_Int8_takes_27_percent_and_answers_as_well_on_digits()
    {
        var (training, unseen, _) = LabeledRows.Digits(20_000);

        Holds(ReferenceModels.CnnSmall(seed: 1), training, unseen, new(1, 32, new Adam(0.001f)), epochs: 1);
    }

    private void Holds(Network network, LabeledRows training, LabeledRows unseen, Fit fit, int epochs)
    {
        var values = fit.Train(network, training);
        var model = new LoadedModel(network, network.Initial with { Values = [.. values] }, ModelCard.Empty);
        var rows = new Sample(training.Features, training.Labels);
        var (small, trained) = (model.Quantize(rows), model.QuantizeAware(rows, new() { Epochs = epochs, Seed = 1 }));
        var accuracy = unseen.Accuracy(network, values);
        var (after, aware) = (Accuracy(small, unseen), Accuracy(trained, unseen));
        var bytes = (double)ModelFile.Save(small.Model, small.Weights).Length / ModelFile.Save(network, model.Weights).Length;

        output.WriteLine(FormattableString.Invariant(
            $"float32 {accuracy:P2}, int8 {after:P2}, trained on {aware:P2} of {unseen.Count}; {bytes:P2} of the bytes"));
        Assert.InRange(accuracy, 0.85, 1);
        Assert.InRange(bytes, 0.2, 0.27);
        Assert.InRange(after, accuracy - 0.01, 1);
        Assert.InRange(aware, accuracy - 0.005, 1);
        Assert.InRange(Apart(small, unseen), 0, 1);
        Assert.InRange(Apart(trained, unseen), 0, 1);
    }

    private static double Accuracy(LoadedModel model, LabeledRows rows) => rows.Accuracy(model.Model, model.Weights.Values.AsSpan());

    private static double Apart(LoadedModel model, LabeledRows rows)
    {
        const int Count = 100;
        var rounded = ((Int8Network)model.Model).Rounded;
        var values = model.Weights.Values.AsSpan();
        var trunk = rounded.Layers;
        var scores = new Network(rounded.Plan.Input, rounded.Boundaries[^1].Size, trunk[..^1], [new(trunk.Length - 2, trunk[^1])],
            objective: new SquaredError());
        var (integers, simulated) = (new float[Count * scores.Plan.Outputs], new float[Count * scores.Plan.Outputs]);
        var batch = new Sample(rows.Features.AsSpan(0, Count * rows.Width), Count);
        var some = values[..scores.Plan.Values];
        new Int8Network(scores).Infer(some, batch, integers, new());
        scores.Infer(some, batch, simulated, new());
        var unit = Affine8.OfRange(some[^2], some[^1])!.Value.Scale;
        return integers.Zip(simulated, (a, b) => Math.Round(Math.Abs(a - b) / unit, 3)).Max();
    }

    /// <summary>Digits of half the size: the mean of four pixels each.</summary>
    private static LabeledRows Small(GlyphDigits digits)
    {
        var features = new float[digits.Count * Side * Side];
        for (var i = 0; i < features.Length; i++)
        {
            var (digit, y, x) = (i / (Side * Side), i / Side % Side, i % Side);
            var at = (digit * GlyphDigits.Pixels) + (2 * y * GlyphDigits.Side) + (2 * x);
            var pixels = digits.Features.AsSpan();
            features[i] = (pixels[at] + pixels[at + 1] + pixels[at + GlyphDigits.Side] + pixels[at + GlyphDigits.Side + 1]) / 4;
        }

        return new(features, [.. digits.Labels]);
    }
}
