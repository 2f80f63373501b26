using System.Collections.Immutable;
using StreamLearn.Fleets;

namespace Benchmarks;

/// <summary>An aggregator of a hundred members that has taken some updates of each.</summary>
internal static class AggregatorRun
{
    private const int Members = 100;
    private const int Updates = 10;      // that make a version
    private const int Rounds = 21;       // two updates of each member, and some of a round that is open

    /// <summary>The pipeline.</summary>
    internal static Pipeline Define(Network model) => Pipeline.Define("aggregator", p =>
    {
        var (versions, rounds, receipts) = p.Input<WeightDelta>("updates").Buffer(16, capacityBytes: 1 << 30)
            .Aggregate(model, new FedBuff(Updates), p.Input<Presence>("presences"), new() { Epoch = 0 });
        versions.Buffer(256, capacityBytes: 1 << 30).Discard();
        rounds.Buffer(16, capacityBytes: 1 << 30).Discard();
        receipts.Discard();
    });

    /// <summary>A run at rest.</summary>
    internal static PipelineRun Start(Network model, CheckpointOptions checkpoints)
    {
        var run = Define(model).Start(new() { Checkpoints = checkpoints, Seed = 1 });
        var values = Values(model);
        var sent = (Rounds * Updates) - (Updates / 2);
        for (var i = 0; i < sent; i++)
        {
            run.SendAsync("updates", new WeightDelta
            {
                Device = $"device-{i % Members:000}",
                Epoch = 1,
                Sequence = (i / Members) + 1,
                BaseVersion = 0,
                Samples = 64,
                Steps = 4,
                SchemaHash = model.Plan.SchemaHash,
                Values = values,
            }).AsTask().Wait();
        }
        while (run.Metrics["aggregate"].ItemsIn < sent && !run.Completion.IsCompleted) { Thread.Sleep(1); }
        if (run.Completion.IsCompleted) { run.Completion.Wait(); }
        return run;
    }

    private static ImmutableArray<float> Values(Network model)
    {
        var values = new float[model.Plan.Values];
        var random = new RandomStream(1, "update");
        foreach (ref var value in values.AsSpan()) { value = (float)(0.001 * random.NextGaussian()); }
        return [.. values];
    }
}
