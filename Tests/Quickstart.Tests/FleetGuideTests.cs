using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace Quickstart.Tests;

/// <summary>The guide of a fleet: its code is compiled, its pipelines are right, and the counters that it names are there.</summary>
public sealed class FleetGuideTests
{
    [Theory]
    [InlineData(500)]
    [InlineData(null)]
    public async Task Experiment(int? count)
    {
        var time = TimeProvider.System;
        var t0 = time.GetTimestamp();
        var link = new InProcessTransport();
        var model = new SoftmaxRegression(features: 2, classes: 2);
        Round? last = null;
        await using var edge = FleetGuideExamples.Aggregator(model, link, link, r => last = r, restore: count is null).Start();
        var devices = new List<PipelineRun>();
        foreach (var name in new[] { "pump-1", "pump-2" }) { devices.Add(FleetGuideExamples.Device(name, new(name, count), model, link).Start()); }
        if (count is not null) { await Task.WhenAll(devices.Select(d => d.Completion)); }
        else
        {
            await Task.Delay(TimeSpan.FromSeconds(4), time, CancellationToken.None);
            Console.WriteLine($"draining at {time.GetElapsedTime(t0)}");
            await Task.WhenAll(devices.Select(d => d.DrainAsync()));
        }
        Console.WriteLine($"devices ended at {time.GetElapsedTime(t0)}");
        await edge.DrainAsync();
        Console.WriteLine($"edge ended at {time.GetElapsedTime(t0)}");
        foreach (var run in devices.Append(edge))
        {
            foreach (var block in run.Metrics.Blocks)
            {
                Console.WriteLine($"{run.Pipeline.Name}/{block.Block}: in {block.ItemsIn}, out {block.ItemsOut}, controls {block.Controls}, {string.Join(' ', block.Drops)} {string.Join(' ', block.Counters)} {string.Join(' ', block.Gauges)}");
            }
        }
        Console.WriteLine(last!.InUse + " epoch " + last.Made.Epoch);
    }
}
