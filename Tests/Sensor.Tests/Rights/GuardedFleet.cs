using System.Collections.Concurrent;
using Aggregator;
using StreamLearn.Fleets;
using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Samples;

namespace Sensor.Tests;

/// <summary>An aggregator and three devices over a real server, of which two share a login.</summary>
internal sealed class GuardedFleet : IAsyncDisposable
{
    internal static readonly FleetTopics Topics = new("sl/plant");

    internal static readonly IModel Model = ConfigTree
        .Parse("a.yaml", "{ streamlearn: 1, fleet: plant, link: { url: 'mqtt://localhost' } }")
        .Read(AggregatorConfig.Read).Value.Model.Create();

    private static readonly SplitTrainOptions Training = new() { BatchRows = 4 };
    private static readonly LayerTimes Times = new([.. Steps(1e-5)], [.. Steps(2e-5)]);

    private static readonly (string Login, string Device)[] Devices =
        [("user-001", "user-001"), ("gateway", "user-004"), ("gateway", "user-005")];

    private readonly TemporaryFolder _folder = new();
    private readonly List<EdgeLink> _links = [];
    private readonly List<PipelineRun> _runs = [];
    private readonly ConcurrentQueue<Round> _rounds = [];
    private readonly ConcurrentQueue<PlannedSplits> _plans = [];

    private GuardedFleet(GuardedServer server, bool splits, bool waits)
    {
        Server = server;
        _links.Add(new(server.Open("aggregator", "sl-plant-aggregator-updates"), server.Open("aggregator", "sl-plant-aggregator-control")));
        var options = new AggregatorOptions(Topics, Model, splits ? new FedAvg(Devices.Length) : waits ? InStep : new FedBuff(4), 64)
        {
            Split = splits ? Split : null,
            Rules = new()
            {
                Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
                RoundTimeout = waits ? TimeSpan.FromSeconds(5) : null,
            },
            OnForget = static _ => { },
            OnRound = _rounds.Enqueue,
        };
        _runs.Add(new StateFolder(new(_folder.Path), "plant", static _ => { }).Start(AggregatorPipeline.Create(options, _links[0]), new()));
        foreach (var (login, device) in Devices)
        {
            _links.Add(EdgeLink.Over(server.Open(login, $"sl-plant-{device}")));
            _runs.Add(SensorPipeline.Create(Device(device, splits), _links[^1]).Start());
        }
    }

    private static FedAvg InStep => new(Devices.Length) { Directive = new() { Pace = TrainPace.LockStep } };

    internal GuardedServer Server { get; }

    internal IReadOnlyList<Round> Rounds => [.. _rounds];

    internal IReadOnlyList<PlannedSplits> Plans => [.. _plans];

    private SplitFleetOptions Split => new(new() { Training = Training })
    {
        Planning = new() { Planner = new GreedySplit(), Server = new(FleetTopics.Aggregator) { Times = Times } },
        OnPlan = _plans.Enqueue,
    };

    internal BlockMetrics Aggregate => _runs[0].Metrics["aggregate"];

    internal long Counted(string name) => _runs.Skip(1).Sum(r => r.Metrics["train"].Counter(name));

    internal Checkpoint Saved => Checkpoint.Newest(Path.Join(_folder.Path, "plant", "aggregator"))!;

    /// <summary><paramref name="waits"/>: true: versions wait for all devices.</summary>
    internal static async Task<GuardedFleet> StartAsync(bool overNats, bool guarded, bool splits = false, bool waits = false)
    {
        var fleet = new GuardedFleet(await GuardedServer.StartAsync(overNats, guarded), splits, waits);
        await fleet.UntilAllLearnAsync();
        await fleet.UntilAsync(() => fleet.Saved is not null, "a checkpoint");
        return fleet;
    }

    /// <summary>Waits until an update of each device has gone into a version that is made from now on.</summary>
    internal Task UntilAllLearnAsync()
    {
        var seen = _rounds.Count;
        return UntilAsync(() => Devices.All(d => _rounds.Skip(seen).Any(r => r.Contributions.Any(c => c.Device == d.Device))), "all learn");
    }

    internal Task UntilRefusedAsync(string device, string reason, int times = 1) => UntilAsync(
        () => _rounds.Sum(r => r.Refusals.Count(u => u.Device == device && u.Reason == reason)) >= times, $"{device}: {reason}");

    internal async Task UntilAsync(Func<bool> reached, string what)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!reached())
        {
            Assert.All(_runs, static r => Assert.False(r.Completion.IsFaulted, $"{r.Completion.Exception}"));
            Assert.False(patience.IsCancellationRequested, $"awaited: {what}\n{_runs[0].Metrics}\n"
                + string.Join('\n', _links.SelectMany(static l => l.Transports).Select(EdgeServer.LastFault)));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static IEnumerable<double> Steps(double seconds) =>
        Enumerable.Range(1, ((Network)Model).Layers.Length).Select(l => l * seconds);

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _runs) { await run.DisposeAsync(); }
        foreach (var link in _links) { await link.DisposeAsync(); }
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private static SensorOptions Device(string name, bool splits) => new(name, Topics, Model,
        p => p.FromHarStream(new() { User = name[^1] - '0', Duration = TimeSpan.FromHours(24), SpeedUp = 60 }), HarStream.Schema,
        static rows => rows.Window(128, 64))
    {
        Split = splits ? new(Training with
        {
            RoundBatches = 2,
            Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            Resources = new() { Times = Times },
        }, 3) : null,
        Training = new() { Credit = new(), Announce = true, Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() },
        HeartbeatEvery = TimeSpan.FromSeconds(1),
    };
}
