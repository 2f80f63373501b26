using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/generation.md and parts.md.</summary>
internal static class ShardGuideExamples
{
    internal static string Shards()
    {
        var model = new LayerCosts(1,                                   // a token in, a token out, 4096 values between blocks
            [.. Enumerable.Range(1, 32).Select(i => new LayerCost($"block {i}", i < 32 ? 4096 : 1, 200_000_000, 0, 200_000_000))]);
        var view = new ResourceView(
            [
                new("camera") { Rows = 1, MultiplyAddsPerSecond = 50e9, MemoryBytes = 8_000_000_000 },      // rows are born here
                new("box-1") { MultiplyAddsPerSecond = 50e9, MemoryBytes = 16_000_000_000 },
                new("box-2") { MultiplyAddsPerSecond = 100e9, MemoryBytes = 12_000_000_000 },
            ],
            [new("camera", "box-1", 50e6), new("camera", "box-2", 1e6), new("box-1", "box-2", 50e6)]);
        var objective = new Objective { Work = PlannedWork.Inference, BatchRows = 1, BytesPerValue = 2 };

        var plan = new ShardPlanner(ForThroughput: true).Plan(model, view, objective);
        var schedule = ShardSchedule.Of(plan.Routes[0], model, view, objective);
        return $"{plan}\n{schedule.TokensPerSecond(microBatches: 8):F1} tokens a second";
    }

    internal static string Rows()
    {
        var power = new PowerProfile { ComputingWatts = 3.8, SendingWatts = 1 };
        var mesh = new ResourceView(
            [
                new("camera") { MultiplyAddsPerSecond = .1e9, Power = power },
                new("pi-1") { MultiplyAddsPerSecond = .4e9, Power = power },
                new("pi-2") { MultiplyAddsPerSecond = .3e9, Power = power },
            ],
            [new("camera", "pi-1", 15e6), new("pi-1", "pi-2", 15e6), new("camera", "pi-2", 10e6)]);

        var plan = MeshPlanner.ByCost(BlockCut.Disnet).Plan(MapLayers.Vgg16, mesh, source: "camera", sink: "camera");
        return plan.ToString();
    }
}
