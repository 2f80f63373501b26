using StreamLearn;
using StreamLearn.Models;

namespace Architecture.Tests;

/// <summary>The guide of split training: its code runs.</summary>
public sealed class SplitGuideTests
{
    [Fact]
    public async Task A_device_and_an_edge_train_a_network_together_and_make_versions()
    {
        var network = new Network(new(2), 2, [new Dense(8), new Relu(), new Dense(8), new Relu()], [new(3, new Dense(2))], seed: 1);
        await using var air = new InProcessTransport();
        await using var edge = SplitGuideExamples.Edge(network, air).Start(cancellationToken: TestContext.Current.CancellationToken);
        await using var device = SplitGuideExamples.Device(network, air, Valves.Columns)
            .Start(cancellationToken: TestContext.Current.CancellationToken);

        foreach (var readings in Rows()) { await device.SendAsync("rows", Valves.BatchOf(device.Pool, readings)); }
        device.Complete("rows");
        await device.DrainAsync();
        await edge.DrainAsync();

        Assert.InRange(device.Metrics["split-front"].Counter("updates-answered"), 3, 10);
        Assert.Equal(device.Metrics["split-front"].Counter("updates-answered") - 1, edge.Metrics["aggregate"].ItemsOut / 2);
    }

    private static IEnumerable<Reading[]> Rows()
    {
        var random = new RandomStream(seed: 1, "split-guide");
        for (var b = 0; b < 20; b++)
        {
            yield return [.. Enumerable.Range(0, 32).Select(i => new Reading(DateTimeOffset.UnixEpoch.AddMilliseconds((32 * b) + i), 7,
                (float)((i % 2) + random.NextGaussian()), (float)random.NextGaussian(), i % 2))];
        }
    }
}
