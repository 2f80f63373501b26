namespace StreamLearn.Fleets.Tests;

/// <summary>A fleet that really learns, a fifth of which sends the contrary of what it learned, four times over.</summary>
public sealed class ByzantineTests
{
    private const int Devices = 20;
    private const int Wrong = 4;
    private const int Features = 10;
    private const int Classes = 5;
    private static readonly SoftmaxRegression Model = new(Features, Classes, seed: 2);

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void With_a_fifth_of_the_devices_flipping_signs_the_trimmed_mean_keeps_its_accuracy_and_the_mean_does_not(long seed)
    {
        var clean = Train(new FedAvg(Devices), seed, wrong: 0);
        var trimmed = Train(new FedTrimmedMean(Devices, Trimmed: 0.2), seed, Wrong);
        var median = Train(new FedMedian(Devices), seed, Wrong);
        var mean = Train(new FedAvg(Devices), seed, Wrong);
        Assert.InRange(clean, 0.8, 1);
        Assert.InRange(trimmed, 0.9 * clean, 1);
        Assert.InRange(median, 0.9 * clean, 1);
        Assert.InRange(mean, 0, 0.9 * trimmed);
    }

    [Fact]
    public void Without_wrong_devices_trimming_costs_little() =>
        Assert.InRange(Train(new FedTrimmedMean(Devices), 0, 0), Train(new FedAvg(Devices), 0, 0) - 0.02, 1);

    /// <summary>Accuracy on unseen rows after thirty rounds of four steps each.</summary>
    private static double Train(Strategy strategy, long seed, int wrong)
    {
        var random = new RandomStream(seed, "byzantine");
        var centers = Enumerable.Range(0, Classes * Features).Select(_ => 1.2 * random.NextGaussian()).ToArray();
        var rows = Enumerable.Range(0, Devices).Select(_ => Rows(random, centers, 40)).ToArray();
        var unseen = Rows(random, centers, 1000);
        using var probe = OperatorProbe.Of<WeightDelta, Weights, Round>(flow => flow.Aggregate(Model, strategy));
        var memory = new Workspace();
        var version = Model.Initial;
        for (var round = 0; round < 30; round++)
        {
            for (var d = 0; d < Devices; d++)
            {
                var learned = Learn(version, rows[d], memory);
                probe.Send(Updates.Of($"device-{d:00}", round + 1, 0, version.Version, samples: 40) with
                {
                    SchemaHash = Model.Plan.SchemaHash,
                    Values = [.. learned.Select(v => d < wrong ? -4 * v : v)],
                });
            }
            version = probe.Take<Weights>();
        }

        Assert.Empty(probe.Metrics.Drops);      // the flipped updates look like any other
        return Evaluation.Of(Model, version, new(unseen.Features, unseen.Labels)).Accuracy;
    }

    private static float[] Learn(Weights version, (float[] Features, int[] Labels) rows, Workspace memory)
    {
        float[] weights = [.. version.Values];
        var gradients = new float[weights.Length];
        for (var step = 0; step < 4; step++)
        {
            Model.Loss(weights, new(rows.Features, rows.Labels), gradients, memory);
            for (var i = 2 * Features; i < weights.Length; i++) { weights[i] -= 0.1f * gradients[i]; }
        }
        return [.. weights.Zip(version.Values, (after, before) => after - before)];
    }

    private static (float[] Features, int[] Labels) Rows(RandomStream random, double[] centers, int count)
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(Classes))];
        var features = labels.SelectMany(l =>
            Enumerable.Range(0, Features).Select(f => (float)(centers[(l * Features) + f] + (1.2 * random.NextGaussian()))));
        return ([.. features], labels);
    }
}
