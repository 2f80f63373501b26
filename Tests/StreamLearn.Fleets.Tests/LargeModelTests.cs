namespace StreamLearn.Fleets.Tests;

/// <summary>A model of which one message alone fills an edge of the usual size.</summary>
public sealed class LargeModelTests
{
    private const int Devices = 3;
    private static readonly SoftmaxRegression Model = new(1_100_000, 2, seed: 1);

    [Fact]
    public async Task An_aggregator_of_a_large_model_sends_it_to_all_without_being_told_to_hold_more()
    {
        var sent = 0;
        var pipeline = Pipeline.Define("edge", p =>
        {
            var (versions, rounds, receipts) = p.Input<WeightDelta>("updates")
                .Aggregate(Model, new FedAvg(Devices), p.Input<Presence>("presences"));
            versions.ForEach("send", _ => sent++);
            rounds.Averaged().ForEach("in use", static _ => { });
            receipts.Discard();
        });
        await using var run = pipeline.Start(cancellationToken: TestContext.Current.CancellationToken);

        for (var device = 0; device < Devices; device++)
        {
            await run.SendAsync("updates", Update($"device-{device}"), TestContext.Current.CancellationToken);
        }

        run.Complete("updates");
        run.Complete("presences");
        await run.Completion;
        Assert.True(sent == Devices, run.Metrics.ToString());
    }

    [Fact]
    public void Edges_that_somebody_has_set_are_left_as_they_are()
    {
        var pipeline = Pipeline.Define("edge", p =>
        {
            var (versions, rounds) = p.Input<WeightDelta>("updates").Buffer(4, OnFull.Wait, 1 << 20).Aggregate(Model, new FedAvg(Devices));
            versions.Discard();
            rounds.Discard();
        });
        Assert.Equal(1 << 20, pipeline.Edges.Single(e => pipeline.Nodes[e.From].Name == "updates").Options.CapacityBytes);
        Assert.Equal(8 * Model.Plan.ParameterBytes,
            pipeline.Edges.First(e => pipeline.Nodes[e.From].Name == "aggregate").Options.CapacityBytes);
    }

    private static WeightDelta Update(string device) => new()
    {
        Device = device,
        Epoch = 1,
        Sequence = 1,
        BaseVersion = 0,
        Samples = 16,
        SchemaHash = Model.Plan.SchemaHash,
        Values = [.. new float[Model.Plan.Values]],
        Steps = 1,
    };
}
