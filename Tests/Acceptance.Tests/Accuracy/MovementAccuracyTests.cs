namespace Acceptance.Tests;

/// <summary>What a small network reaches on the raw windows of people whom it has not seen: recorded ones, or generated ones with a floor
/// of their own.</summary>
public sealed class MovementAccuracyTests(ITestOutputHelper output)
{
    /// <summary>Published: 0.96 from 561 engineered features (Anguita et al., 2013).</summary>
    [LongFact]
    public void A_small_network_answers_93_percent_of_the_raw_windows_of_unseen_people()
    {
        var network = new Network(
            new(Movements.Channels, Movements.Samples),
            Movements.Classes,
            [
                new Conv1d(32, 9, 2, 4), new GroupNorm(4), new Relu(), new Conv1d(64, 9, 2, 4), new GroupNorm(4), new Relu(),
                new GlobalMeanMax(), new Dropout(0.3f),
            ],
            [new(7, new Dense(Movements.Classes))],
            seed: 1);
        var (training, unseen, real) = Movements.Load();
        var start = TimeProvider.System.GetTimestamp();
        var weights = new Fit(10, 32, new Adam(0.001f)).Train(network, training);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        var accuracy = unseen.Accuracy(network, weights);

        output.WriteLine(FormattableString.Invariant(
            $"{network.Structure}: {accuracy:P2} of {unseen.Count} {(real ? "recorded" : "generated")} windows after {seconds:F1} s"));
        Assert.InRange(accuracy, real ? 0.93 : 0.9, 1);
    }
}
