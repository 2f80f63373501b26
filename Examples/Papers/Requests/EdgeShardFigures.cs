using System.Collections.Immutable;
using StreamLearn.Nodes;

namespace Partition;

/// <summary>The figures of EdgeShard: shards over fifteen devices against simple plans.</summary>
internal static class EdgeShardFigures
{
    private const string System = "EdgeShard";
    private const int MicroBatches = 32;
    private const int Tokens = 96;

    internal static IEnumerable<Figure> Of(InferSettings settings)
    {
        var (model, view, token) = (ShardTestBed.Model, ShardTestBed.View(settings.Seed), ShardTestBed.Token);
        ImmutableArray<Planner> simple =
        [
            new ShardLatency { MaxNodes = 1 }, new EvenShards([ShardTestBed.Server]),
            new ShardLatency { MaxNodes = 2 }, new ShardThroughput { MaxNodes = 2 },
        ];
        var (latency, throughput) = (Schedule(new ShardLatency()), Schedule(new ShardThroughput()));
        var (quickest, most) = (simple.Min(planner => Schedule(planner).Latency), simple.Max(planner => 1 / Schedule(planner).Slowest));
        var even = Schedule(new EvenShards());
        yield return new(System, "latency of a token, 15 devices, best simple plan", "-50 %", "-40 %",
            (latency.Latency / quickest) - 1, "+0.0 %;-0.0 %", "simple: alone, two halves, best two; ours by the cost model");
        yield return new(System, "tokens a second, 15 devices, best simple plan", "2x", "1.8x",
            1 / throughput.Slowest / most, "0.0x", "ours keeps all stages full; theirs has 96 tokens and a batch");
        yield return new(System, "tokens a second, 15 devices, as many blocks on each", "", "",
            even.Slowest / throughput.Slowest, "0.0x", "two devices have three blocks each; ours two at most");
        yield return new(System, "tokens a second without bubbles, 32 micro-batches", "", "",
            throughput.Play(MicroBatches, Tokens, hasBubbles: true) / throughput.Play(MicroBatches, Tokens), "0.00x",
            "played event by event, 96 tokens");

        ShardSchedule Schedule(Planner planner) => ShardSchedule.Of(planner.Plan(model, view, token).Routes[0], model, view, token);
    }
}
