using System.Collections.Concurrent;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Mqtt;

namespace Tool.Tests;

public sealed class FleetGuideTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Its_code_is_compiled()
    {
        string[] examples =
            ["Tests/Tool.Tests/Fit/FleetGuideExamples.cs", "Tests/StreamLearn.Fleets.Tests/Adaptation/AdaptiveTauExamples.cs",
             "Tests/StreamLearn.Fleets.Tests/Adaptation/SignificanceExamples.cs"];
        var compiled = string.Concat(examples.Select(static e => Lines(File.ReadAllText(SourceFolder.File(e)))));
        var guide = await File.ReadAllTextAsync(SourceFolder.File("docs/guides/fleet.md"), TestContext.Current.CancellationToken);

        var blocks = guide.Split("```csharp\n").Skip(1).Select(b => b.Split("```")[0]).ToList();

        Assert.Equal(19, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(Lines(block), compiled, StringComparison.Ordinal));
    }

    [Fact]
    public void Its_rule_weighs_part_of_the_work_by_its_share()
    {
        var rules = new FedBuff(4).Rounds with { Weigh = new ByWork(Weigh.BySamples, Steps: 32) };
        var round = new RoundView
        {
            Version = 3,
            Updates = 0,
            Devices = 0,
            Invited = 1,
            Alive = 1,
            Known = 1,
            Elapsed = TimeSpan.Zero,
        };

        rules.Check();

        Assert.Equal(50, rules.Weigh.Of(new(new("pump-7"), 1, 1, 3, Samples: 100, Steps: 16, Loss: 1), round));
        Assert.Contains("Weigh = ByWork { Otherwise = BySamples { }, Steps = 32 }", rules.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_pipelines_are_right()
    {
        var model = HarNetwork.Create(1);
        await using var link = new MqttTransport(new() { Server = new("mqtt://127.0.0.1") });
        var own = new SoftmaxRegression(features: 2, classes: 2);

        var device = FleetGuideExamples.Device("pump-7", new(Batches: null), own, link).ToMermaid();
        var edge = FleetGuideExamples.Aggregator(model, devices: 20, link, link, _ => { }, restore: Patience).ToMermaid();

        Assert.Contains("Receipt", device, StringComparison.Ordinal);
        Assert.Contains("Presence", edge, StringComparison.Ordinal);
        Assert.Contains("take", edge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_fleet_learns_in_one_process_and_ends_by_itself()
    {
        var unseen = await FleetGuideExamples.LearnAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(1000, unseen.Rows);
        Assert.InRange(unseen.Accuracy, 0.9, 1);
    }

    [Fact]
    public async Task Its_aggregator_goes_on_from_the_newest_version_at_every_start_over_a_server()
    {
        await using var server = await Mosquitto.StartAsync();
        var last = 0L;
        for (var start = 0; start < 3; start++)
        {
            var rounds = new ConcurrentQueue<long>();
            var enough = new TaskCompletionSource();
            var (ended, over) = (new TaskCompletionSource(), new TaskCompletionSource());
            void See(Round round)
            {
                rounds.Enqueue(round.Version);
                if (rounds.Count == 5) { enough.TrySetResult(); }
            }

            var edge = FleetGuideExamples.RunEdgeAsync(
                server.Uri, devices: 1, start == 0 ? TimeSpan.FromSeconds(1) : Patience, See, over.Task);
            var device = FleetGuideExamples.RunDeviceAsync("pump-1", server.Uri, ended.Task);
            await enough.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            ended.SetResult();
            await device.WaitAsync(Patience, TestContext.Current.CancellationToken);
            over.SetResult();
            await edge.WaitAsync(Patience, TestContext.Current.CancellationToken);

            Assert.Equal(last + 1, rounds.First());
            last = rounds.Last();
        }
    }

    [Fact]
    public async Task Its_lone_device_learns()
    {
        var unseen = await FleetGuideExamples.LearnAloneAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(1000, unseen.Rows);
        Assert.InRange(unseen.Accuracy, 0.9, 1);
    }

    [Fact]
    public async Task Its_aggregator_goes_on_from_the_retained_version()
    {
        var model = new SoftmaxRegression(features: 2, classes: 2, seed: 1);
        await using var link = new InProcessTransport();
        List<Round> rounds = [];

        var before = await RunAsync(restore: null);
        var after = await RunAsync(restore: Patience);

        Assert.Equal(0, before.Metrics["aggregate"].Counter("restored"));
        Assert.Equal(1, after.Metrics["aggregate"].Counter("restored"));
        var first = rounds.FindIndex(r => r.Made.Epoch != rounds[0].Made.Epoch);
        Assert.True(rounds[first].Made.Epoch > rounds[0].Made.Epoch);
        Assert.Equal(rounds[first - 1].Version + 1, rounds[first].Version);

        async Task<PipelineRun> RunAsync(TimeSpan? restore)
        {
            await using var edge = FleetGuideExamples.Aggregator(model, devices: 2, link, link, rounds.Add, restore).Start();
            await Task.WhenAll(new[] { "pump-1", "pump-2" }.Select(RunDeviceAsync)).WaitAsync(Patience);
            await edge.DrainAsync().WaitAsync(Patience);
            return edge;
        }

        async Task RunDeviceAsync(string name)
        {
            await using var device = FleetGuideExamples.Device(name, new(Batches: 20), model, link).Start();
            await foreach (var _ in device.ReadAllAsync<Evaluation>("scores")) { }
            await device.DrainAsync();
            var train = device.Metrics["train"];
            var fates = new[] { "applied", "refused", "lost", "unknown", "unreported" }.Sum(fate => train.Counter($"updates-{fate}"));
            Assert.Equal(train.Counter("updates-sent"), fates + (long)train.Gauges.GetValueOrDefault("updates-held"));
            Assert.Equal(0, train.Counter("updates-unknown"));
        }
    }

    [Fact]
    public void Its_epoch_rises_with_each_start()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.Delete(file);

            Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => FleetGuideExamples.NextEpoch(file)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim())
        .Where(l => l.Length > 0 && !l.StartsWith("using ", StringComparison.Ordinal)));
}
