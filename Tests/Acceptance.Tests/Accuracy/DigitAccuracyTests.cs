namespace Acceptance.Tests;

/// <summary>
/// What the reference models reach on digits that they have not seen: on the 10,000 of MNIST where they are there, else on generated ones,
/// each with a floor of its own.
/// </summary>
public sealed class DigitAccuracyTests(ITestOutputHelper output)
{
    /// <summary>Published: 0.88 (LeCun, 1998) to 0.925, well tuned.</summary>
    [Fact]
    public void Softmax_regression_answers_91_5_percent_of_unseen_digits() => Reaches(
        ReferenceModels.Softmax(784, 10, seed: 1), new(2, 32, new Sgd(0.05f, 0.9f, float.PositiveInfinity), FullRate: 0.5),
        60_000, 0.915, 0.9);

    [LongFact]
    public void A_hidden_layer_of_300_answers_97_5_percent_of_unseen_digits() => Reaches(
        ReferenceModels.Mlp(784, [300], 10, seed: 1), new(3, 32, new Sgd(0.05f, 0.9f, float.PositiveInfinity)), 60_000, 0.975, 0.9);

    /// <summary>The network of the adaptive federated learning.</summary>
    [LongFact]
    public void A_small_convolutional_network_answers_98_5_percent_of_unseen_digits() => Reaches(
        ReferenceModels.CnnSmall(seed: 1), new(1, 32, new Adam(0.001f)), 60_000, 0.985, 0.9);

    private void Reaches(Network network, Fit fit, int rows, double floor, double generatedFloor)
    {
        var (training, unseen, real) = LabeledRows.Digits(rows);
        var start = TimeProvider.System.GetTimestamp();
        var weights = fit.Train(network, training);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var accuracy = unseen.Accuracy(network, weights);
        output.WriteLine(FormattableString.Invariant(
            $"{network.Structure}: {accuracy:P2} of {unseen.Count} {(real ? "MNIST" : "generated")} digits after {seconds:F1} s"));
        Assert.InRange(accuracy, real ? floor : generatedFloor, 1);
    }
}
