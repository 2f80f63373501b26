using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

/// <summary>The devices and aggregator of a threaded run, each with its link. <paramref name="saved"/>: where to save and resume; null:
/// nowhere.</summary>
internal sealed class FleetParticipants(FleetLinks links, SavedFleet? saved, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<(string Name, EdgeLink Link)> _links = [];
    private readonly List<Participant> _devices = [];
    private readonly List<FleetMember> _members = [];
    private Participant? _aggregator;

    /// <summary>The devices in fleet order.</summary>
    internal IReadOnlyList<Participant> Devices => _devices;

    internal IReadOnlyList<FleetMember> Members => _members;

    internal Participant Aggregator => _aggregator ?? throw new InvalidOperationException("the aggregator has not been started");

    /// <summary>The aggregator is last.</summary>
    internal IEnumerable<Participant> All => _aggregator is null ? _devices : _devices.Append(_aggregator);

    /// <summary>Starts the aggregator first.</summary>
    internal void Start(FleetRun fleet, RunOptions options, FleetWatch watch, AggregatorWatch state)
    {
        _aggregator = Start(Pipelines.Aggregator(fleet, Open(Pipelines.AggregatorName), watch), options, state);
        foreach (var (i, name) in fleet.Source.Devices.Index())
        {
            var speed = fleet.Scenario.ProfileOf(name, i, fleet.Seed).Device.Speed;
            var device = Start(Pipelines.Sensor(fleet, new(name, i, 0, TimeSpan.Zero), Open(name), watch),
                options with { Slowdown = Math.Max(1, 1 / speed) }, new DeviceWatch(watch, name));
            _devices.Add(device);
            _members.Add(new(name, speed, () => [device.Metrics], () => device.Failure, () => StateOf(device, speed), static () => null,
                static () => 0));
        }
    }

    internal Task ListenAsync(RunningFleet fleet, CancellationToken cancellationToken) =>
        Task.WhenAll(_links.SelectMany(l => ListenAsync(fleet, l.Name, l.Link, cancellationToken)));

    /// <summary>Stops devices without draining.</summary>
    internal async Task StopDevicesAsync()
    {
        foreach (var device in _devices) { await EndAsync(device).ConfigureAwait(false); }
    }

    /// <summary>Messages from sources and links, not those passed between blocks.</summary>
    internal long Entered => All.Sum(static p => p.Metrics.Blocks.Sum(static b => b.ItemsIn + b.Controls == 0 ? b.ItemsOut : 0));

    internal long Calls() => All.Sum(static p => p.Metrics.Blocks.Sum(static b => b.ItemsIn + b.Controls));

    /// <summary>True if every running participant waits for another.</summary>
    internal bool AreAtRest => All.All(static p => p.Run is not { IsAtRest: false });

    internal IEnumerable<string> Waiting => All.Where(static p => !p.Completion.IsCompleted).Select(static p => p.Name);

    /// <summary>Links stay open.</summary>
    internal async Task StopAsync()
    {
        foreach (var participant in All) { await EndAsync(participant).ConfigureAwait(false); }
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_links.Select(static l => l.Link.DisposeAsync().AsTask())).ConfigureAwait(false);

    private static ValueTask EndAsync(Participant participant) => participant.Run?.DisposeAsync() ?? default;

    private static IEnumerable<Task> ListenAsync(RunningFleet fleet, string name, EdgeLink link, CancellationToken cancellationToken) =>
        link.Transports.Select((t, i) => fleet.Connections.ListenAsync(name, i, t, fleet.Elapsed, cancellationToken));

    private static string StateOf(Participant device, double speed) => DeviceState.Of(
        device.Failure is not null, crashed: false, [device.Metrics], speed, starts: 1, device.Completion.IsCompleted);

    private Participant Start(Pipeline pipeline, RunOptions options, IStateful state) =>
        saved?.Start(pipeline, options, state) ?? new(pipeline.Start(options, cancellationToken));

    private EdgeLink Open(string name)
    {
        var link = links.Open(name);
        _links.Add((name, link));
        return link;
    }
}
