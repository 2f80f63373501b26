using StreamLearn.Fleets;
using StreamLearn.Nats;

namespace Benchmarks;

/// <summary>Devices that join at once, each with a connection of its own to the real server: seconds until the aggregator knows all, and
/// faults of connections.</summary>
internal static class FleetJoin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly SoftmaxRegression Model = new(561, 6);
    internal static Sample Measure(int devices) => MeasureAsync(devices).GetAwaiter().GetResult();

    private static async Task<Sample> MeasureAsync(int devices)
    {
        await using var server = await RealNats.StartAsync();
        NatsTransport Open(string name) => new(new() { Servers = [server.Uri], Name = name });
        var link = Open("edge");
        await using var _ = link;
        await using var edge = Edge(link).Start();
        await foreach (var change in link.ConnectionsAsync(CancellationToken.None))
        {
            if (change.IsConnected) { break; }
        }
        var (links, runs) = (new NatsTransport[devices], new PipelineRun[devices]);
        var from = Stopwatch.GetTimestamp();
        for (var i = 0; i < devices; i++)
        {
            links[i] = Open($"device-{i:0000}");
            runs[i] = Device($"device-{i:0000}", links[i]).Start();
        }
        while (Alive(edge) < devices)
        {
            if (Stopwatch.GetElapsedTime(from) > Patience) { throw new BenchmarkException($"{Alive(edge)} of {devices} have joined"); }
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        var faults = links.Count(static l => l.Status.LastFault.Length > 0);
        await Task.WhenAll(runs.Select(static r => r.DisposeAsync().AsTask()));
        await Task.WhenAll(links.Select(static l => l.DisposeAsync().AsTask()));
        return new(seconds, double.NaN, double.NaN) { Details = new Dictionary<string, double> { ["faults"] = faults } };
    }

    private static long Alive(PipelineRun edge) => (long)edge.Metrics["aggregate"].Gauges.GetValueOrDefault("devices-alive");

    private static Pipeline Edge(ITransport link) => Pipeline.Define("edge", p =>
    {
        var presences = p.Subscribe(link, "sl/bench/+/up/presence", LearningCodecs.Presences, new() { Capacity = 4096 });
        var (versions, rounds, receipts) = p.Subscribe(link, "sl/bench/+/up/delta", LearningCodecs.Deltas)
            .Aggregate(Model, new FedBuff(10), presences, new() { MaxDevices = 4096 });
        versions.PublishTo(link, new("sl/bench/edge/down/{device}/model"), LearningCodecs.Weights, static w => w.Recipient!);
        receipts.PublishTo(link, new("sl/bench/edge/down/{device}/receipt"), LearningCodecs.Receipts, static r => r.Device);
        rounds.Discard();
    });

    private static Pipeline Device(string name, ITransport link) => Pipeline.Define(name, p =>
    {
        p.Subscribe(link, $"sl/bench/edge/down/{name}/model", LearningCodecs.Weights).ForEach("models", static _ => { });
        p.Subscribe(link, $"sl/bench/edge/down/{name}/receipt", LearningCodecs.Receipts).ForEach("receipts", static _ => { });
        p.Heartbeat(epoch: 1).Publish(link, $"sl/bench/{name}/up/presence", LearningCodecs.Presences);
    });
}
