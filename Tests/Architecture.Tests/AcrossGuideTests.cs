using StreamLearn;
using StreamLearn.Models;

namespace Architecture.Tests;

/// <summary>The guide of answers on device and edge: its code runs.</summary>
public sealed class AcrossGuideTests
{
    [Fact]
    public async Task A_device_and_an_edge_answer_each_row_once()
    {
        var network = new Network(new(2), 2, [new Dense(8), new Relu(), new Dense(8), new Relu()],
            [new(1, new Dense(2)), new(3, new Dense(2))], seed: 1);
        await using var air = new InProcessTransport();
        var answered = 0;
        await using var edge = AcrossGuideExamples.Edge(network, air).Start(cancellationToken: TestContext.Current.CancellationToken);
        await using var device = AcrossGuideExamples.Device(network, air, Valves.Columns, batch => answered += batch.Rows)
            .Start(cancellationToken: TestContext.Current.CancellationToken);

        // until the edge has answered a probe, and then some
        for (var b = 0; device.Metrics["infer-across"].Counter("edge-there") == 0 || b < 20; b++)
        {
            await device.SendAsync("rows", Valves.BatchOf(device.Pool,
                [new(DateTimeOffset.UnixEpoch.AddMilliseconds(b), 7, b % 3, 1, b % 2), new(DateTimeOffset.UnixEpoch, 7, 1, b % 5, 0)]));
            await Task.Yield();
        }
        device.Complete("rows");
        await device.DrainAsync();
        await edge.DrainAsync();

        Assert.Equal(device.Metrics["infer-across"].RowsIn, answered);
        Assert.InRange(edge.Metrics["answer-rest"].Counter("probes"), 1, int.MaxValue);
    }
}
