using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Fleets;
using StreamLearn.Nats;

namespace Benchmarks;

/// <summary>
/// Rounds of five devices and an aggregator, each a pipeline with a connection of its own to the real server; nothing is trained. All send
/// an update of 561-64-6, a version is made of them, and the round ends when all have it: milliseconds, the median of many.
/// </summary>
internal static class FleetRounds
{
    private const int Devices = 5;
    private const int Rounds = 400;
    private const int WarmUpRounds = 200;
    private const int Tries = 200;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Network Model = ReferenceModels.Mlp(561, [64], 6);

    /// <summary>Measures rounds.</summary>
    /// <param name="kept">True: by streams that keep what waits, in files; false: by messages that go at once to whoever is there.</param>
    internal static Sample Measure(bool kept) => MeasureAsync(kept).GetAwaiter().GetResult();

    /// <summary>The same rounds by a peer whose devices are processes.</summary>
    internal static Sample Ask(Peer peer, string request) => new((double)peer.Ask(request)["value"]!, double.NaN, double.NaN);

    /// <summary>The same rounds by a peer that speaks to a server as we do.</summary>
    internal static Sample AskOverNats(Peer peer)
    {
        var server = RealNats.StartAsync(new()).GetAwaiter().GetResult();
        try { return Ask(peer, $"nats {server.Uri.Port}"); }
        finally { server.DisposeAsync().AsTask().GetAwaiter().GetResult(); }
    }

    private static async Task<Sample> MeasureAsync(bool kept)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = kept });
        List<NatsTransport> links = [];
        List<PipelineRun> runs = [];
        try
        {
            NatsTransport Open(string name)
            {
                links.Add(new(new() { Servers = [server.Uri], Name = name, Keep = kept ? new() { Reader = name } : null }));
                return links[^1];
            }

            using var arrived = new SemaphoreSlim(0);
            var (ready, expected) = (new bool[Devices], 0L);
            runs.Add(Edge(Open("edge")).Start());
            for (var i = 0; i < Devices; i++)
            {
                var device = i;
                runs.Add(Device($"device-{i}", Open($"device-{i}"), version =>
                {
                    if (version.Version == 0) { Volatile.Write(ref ready[device], true); }
                    else if (version.Version == Volatile.Read(ref expected)) { arrived.Release(); }
                }).Start());
            }
            await MeetAsync(runs, () => Array.TrueForAll(ready, static r => r));
            var took = new List<double>();
            for (var version = 0L; version < WarmUpRounds + Rounds; version++)
            {
                Volatile.Write(ref expected, version + 1);
                var from = Stopwatch.GetTimestamp();
                for (var i = 0; i < Devices; i++) { await runs[i + 1].SendAsync("updates", Update(i, version)); }
                for (var i = 0; i < Devices; i++)
                {
                    if (!await arrived.WaitAsync(Patience))
                    {
                        throw new BenchmarkException($"version {version + 1} has not come to all; {runs[0].Metrics}");
                    }
                }
                if (version >= WarmUpRounds) { took.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds); }
            }
            var median = Measurement.Quantile(took, 0.5);
            return new(median, double.NaN, double.NaN)
            {
                Details = new Dictionary<string, double> { ["p90_ms"] = Measurement.Quantile(took, 0.9) },
            };
        }
        finally
        {
            foreach (var run in runs) { await run.DisposeAsync(); }
            foreach (var link in links) { await link.DisposeAsync(); }
        }
    }

    private static Pipeline Edge(ITransport link) => Pipeline.Define("edge", p =>
    {
        var (versions, rounds) = p.Subscribe(link, "sl/bench/+/up/delta", LearningCodecs.Deltas).Aggregate(Model, new FedBuff(Devices));
        versions.Merge(p.Input<Weights>("first")).Publish(link, "sl/bench/edge/down/all/model", LearningCodecs.Weights);
        rounds.Discard();
    });

    private static Pipeline Device(string name, ITransport link, Action<Weights> got) => Pipeline.Define(name, p =>
    {
        p.Subscribe(link, "sl/bench/edge/down/all/model", LearningCodecs.Weights).ForEach("got", got);
        p.Input<WeightDelta>("updates").Publish(link, $"sl/bench/{name}/up/delta", LearningCodecs.Deltas);
    });

    /// <summary>Sends the first version, and what is no update of this model, until all hear each other.</summary>
    private static async Task MeetAsync(List<PipelineRun> runs, Func<bool> devicesHear)
    {
        for (var tries = 0; !devicesHear() || runs[0].Metrics["aggregate"].ItemsIn == 0; tries++)
        {
            if (tries == Tries) { throw new BenchmarkException("the devices and the aggregator do not hear each other"); }
            await runs[0].SendAsync("first", Model.Initial);
            await runs[1].SendAsync("updates", Update(0, tries) with { SchemaHash = 1 });
            await Task.Delay(BetweenTries, TimeProvider.System, CancellationToken.None);
        }
    }

    private static WeightDelta Update(int device, long version) => new()
    {
        Device = $"device-{device}",
        Epoch = 1,
        Sequence = version + 1,
        BaseVersion = version,
        Samples = 64,
        Steps = 4,
        SchemaHash = Model.Plan.SchemaHash,
        Values = Values,
    };

    private static ImmutableArray<float> Values { get; } = MakeValues();

    private static ImmutableArray<float> MakeValues()
    {
        var random = new RandomStream(1, "update");
        var values = new float[Model.Plan.Values];
        for (var i = 0; i < values.Length; i++) { values[i] = (float)(0.001 * random.NextGaussian()); }
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
