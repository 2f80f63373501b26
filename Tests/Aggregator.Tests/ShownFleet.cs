using System.Collections.Immutable;
using System.Net;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace Aggregator.Tests;

/// <summary>A fleet in this process that shows itself on a page: two devices, whose rows end, and an aggregator.</summary>
internal sealed class ShownFleet : IAsyncDisposable
{
    private readonly ITransport _transport;
    private readonly FleetTopics _topics = new("sl/plant");
    private readonly bool _isBudgeted;
    private PipelineRun? _edge;

    private ShownFleet(StatusDisplay showing, ITransport transport, bool isBudgeted) =>
        (StatusDisplay, _transport, _isBudgeted) = (showing, transport, isBudgeted);

    internal StatusDisplay StatusDisplay { get; }

    internal string Page => StatusDisplay.Page!.ToString();

    internal static async Task<ShownFleet> OpenAsync(bool judges = true, int port = 0, ITransport? transport = null,
        AdaptiveTau? budgeted = null, Action<string>? say = null, TimeSpan? quietAfter = null, string server = "in process")
    {
        var unseen = judges ? await UnseenAsync() : null;
        var facts = new FleetFacts("plant", server, Environment.ProcessId, TimeProvider.System.GetUtcNow(), judges, "adaptive_tau")
        {
            Layers = HarNetwork.Create(42).Layers.Length,
            QuietAfter = quietAfter ?? TimeSpan.FromMinutes(1),
            Budgets = budgeted is null ? ImmutableDictionary<string, ImmutableArray<Resource>>.Empty
                : ImmutableDictionary<string, ImmutableArray<Resource>>.Empty.Add("adaptive_tau", budgeted.Budget),
        };
        var fleet = new ShownFleet(await StatusDisplay.OpenAsync(
            facts, HarNetwork.Create(42), unseen, new(new(IPAddress.Loopback, port), null),
            say ?? (transport is null ? Assert.Fail : static _ => { })), transport ?? new InProcessTransport(),
            budgeted is not null);
        var link = EdgeLink.Over(fleet._transport);
        fleet._edge = AggregatorPipeline.Create(new(fleet._topics, HarNetwork.Create(42), (Strategy?)budgeted ?? new FedBuff(4), 64)
        {
            OnRound = fleet.StatusDisplay.Add,
            OnReceipt = fleet.StatusDisplay.Add,
            OnDeviceLeft = fleet.StatusDisplay.AddLeave,
            OnScore = fleet.StatusDisplay.Add,
            OnNews = fleet.StatusDisplay.Add,
        }, link).Start();
        fleet.StatusDisplay.Follow(fleet._edge, link, new("nats://localhost"), updateBytes: 0);
        return fleet;
    }

    internal async Task LearnAsync()
    {
        await Task.WhenAll(SensorPipeline.Create(Device(1), EdgeLink.Over(_transport)).RunAsync(),
            SensorPipeline.Create(Device(3), EdgeLink.Over(_transport)).RunAsync());
        await _edge!.DrainAsync();
    }

    private SensorOptions Device(int user) => new($"pump-{user}", _topics, HarNetwork.Create(42),
        p => p.FromHarStream(new() { User = user, Duration = TimeSpan.FromSeconds(80), SpeedUp = double.PositiveInfinity }),
        HarStream.Schema, static rows => rows.Window(128, 64))
    {
        ScoreEvery = TimeSpan.FromMilliseconds(1),
        Answering = new(HarStream.Activities) { Pinned = HarNetwork.Create(42).Initial, Model = HarNetwork.Create(42) },
        News = new(TimeSpan.FromMilliseconds(1)),
        Training = new()
        {
            Credit = new(),
            Announce = _isBudgeted,
            Pace = _isBudgeted ? TrainPace.LockStep : TrainPace.Free,
        },
    };

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null) { await _edge.DisposeAsync(); }
        await StatusDisplay.DisposeAsync();
        await _transport.DisposeAsync();
    }

    internal static async Task<RecordedRows> UnseenAsync()
    {
        RowCollector windows = new(128, maxBytes: 1 << 26);
        await Pipeline.Define("unseen", p => p
            .FromHarStream(new() { User = 2, Duration = TimeSpan.FromSeconds(60), SpeedUp = double.PositiveInfinity })
            .Window(128, 128).ForEach("collect", windows.Add)).RunAsync();
        return windows.ToRows();
    }
}
