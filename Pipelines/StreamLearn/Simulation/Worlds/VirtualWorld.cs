namespace StreamLearn.Simulation;

/// <summary>Runs pipelines on one thread in virtual time: thousands of devices, each with its own speed and link. The same inputs and the
/// same seed give the same bits.</summary>
/// <remarks>Models really compute and bytes pass through real codecs; only time is simulated.</remarks>
public sealed partial class VirtualWorld : IDisposable
{
    private readonly EventLoop _loop;
    private readonly List<VirtualDevice> _devices = [];
    private readonly Dictionary<string, VirtualDevice> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorldTransport> _transports = new(StringComparer.Ordinal);
    private readonly WorldOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private bool _draining;
    private bool _disposed;

    /// <summary>Makes an empty world.</summary>
    /// <param name="options">Settings; null: defaults.</param>
    public VirtualWorld(WorldOptions? options = null)
    {
        _options = options ?? new();
        _loop = new(_options.Start);
        Trace = new(_options.Trace, _loop);
        Pool = new(_options.GuardMemory);
    }

    /// <summary>Virtual time.</summary>
    public DateTimeOffset Now => _loop.Now;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => _loop.Elapsed;

    /// <summary>Events handled so far: messages created, calls made and ended, transfers, wake-ups.</summary>
    public long Events => _loop.Events;

    /// <summary>All devices in order of addition, including ended and crashed ones.</summary>
    public IReadOnlyList<VirtualDevice> Devices => _devices;

    /// <summary>The batch pool of all devices.</summary>
    public BatchPool Pool { get; }

    internal WorldTrace Trace { get; }

    internal PayloadPool Payloads { get; } = new();

    internal long Seed => _options.Seed;

    internal Func<Node, bool>? Reloads => _options.Reloads;

    internal DateTimeOffset Start => _options.Start;

    internal int UnderWay => _loop.UnderWay;

    /// <summary>Ended publications, so that waiting blocks need not search.</summary>
    internal long PublishersEnded { get; set; }

    /// <summary>Returns a named transport, which each device reaches over its own link.</summary>
    /// <exception cref="ArgumentException">The name is empty or belongs to a local transport.</exception>
    public ITransport Transport(string name) => Transport(name, isLocal: false);

    /// <summary>Returns a named local transport, which needs no time and no links, as within a machine. A pipeline may send messages to
    /// itself over it.</summary>
    /// <exception cref="ArgumentException">The name is empty or belongs to a transport that is not local.</exception>
    public ITransport LocalTransport(string name) => Transport(name, isLocal: true);

    /// <summary>Adds a device, also during a run; its sources start now.</summary>
    /// <remarks>The name of an ended or crashed device can be reused. The device is new, with new counters; only the pipeline may remember
    /// earlier state.</remarks>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="device">Its computing power; null: unlimited.</param>
    /// <param name="link">Its link; null: unlimited.</param>
    /// <exception cref="ArgumentException">The name is already used, or a block cannot run in virtual time.</exception>
    /// <exception cref="InvalidOperationException">The pipeline may exceed the device's memory.</exception>
    /// <exception cref="BlockFailedException">A block could not be made.</exception>
    public VirtualDevice Add(Pipeline pipeline, DeviceProfile? device = null, LinkProfile? link = null) =>
        Add(pipeline, device, link, null);

    /// <summary>Adds a device that keeps checkpoints, from which it can resume after a crash.</summary>
    /// <remarks>The server keeps messages of durable subscriptions until a checkpoint holds their effect, also while the device is away,
    /// and otherwise sends them again. Updates, versions and receipts are sent once a checkpoint holds them.</remarks>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="device">Its computing power; null: unlimited.</param>
    /// <param name="link">Its link; null: unlimited.</param>
    /// <param name="checkpoints">Checkpoint settings; null: none.</param>
    /// <param name="from">The state to resume from, such as a crashed device's <see cref="VirtualDevice.LastCheckpoint"/>; null: a fresh
    /// start.</param>
    /// <exception cref="ArgumentException">The name is already used, a block cannot run in virtual time, or its state cannot be
    /// saved.</exception>
    /// <exception cref="StateException">The checkpoint does not fit the pipeline.</exception>
    /// <exception cref="InvalidOperationException">The pipeline may exceed the device's memory.</exception>
    /// <exception cref="BlockFailedException">A block could not be made.</exception>
    public VirtualDevice Add(
        Pipeline pipeline, DeviceProfile? device, LinkProfile? link, DeviceCheckpoints? checkpoints, Checkpoint? from = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_newest.TryGetValue(pipeline.Name, out var before) && before.EndedAt is null)
        {
            throw new ArgumentException($"a device is already named '{pipeline.Name}', and is still running", nameof(pipeline));
        }

        DeviceBlocks.Check(this, pipeline);
        WorstCase.Require(pipeline, (device ?? DeviceProfile.Unlimited).Checked().MemoryBytes);
        if ((checkpoints is not null || from is not null) && RunUnit.Refusal(pipeline) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(pipeline));
        }

        var added = new VirtualDevice(
            this, pipeline, device ?? DeviceProfile.Unlimited, link ?? LinkProfile.Unlimited, from?.Elapsed ?? TimeSpan.Zero)
        {
            Epoch = _devices.Count(d => d.Name == pipeline.Name),
            HasDisk = checkpoints is not null || from is not null,
        };
        if (checkpoints is not null) { added.Keep(checkpoints, from); }
        try
        {
            foreach (var node in pipeline.Nodes)
            {
                added.Add(BlockFailedException.Naming(pipeline, node, () => DeviceBlocks.Create(added, node)));
            }

            DeviceBlocks.Connect(added);
            if (from is not null) { added.Load(from); }
        }
        catch
        {
            added.Release();
            throw;
        }

        before?.Unsubscribe();
        _newest[added.Name] = added;
        _devices.Add(added);
        if (_draining) { added.EndSources(); }
        foreach (var actor in added.Actors.OfType<SubscribeActor>()) { ((WorldTransport)actor.Work.Transport).Subscribe(actor); }
        foreach (var actor in added.Actors) { actor.Wake(); }
        return added;
    }

    /// <summary>Schedules a program action, such as a crash, a join or a measurement.</summary>
    /// <remarks>Runs between blocks, in scheduling order at equal times. Its exceptions end only the world's run.</remarks>
    /// <param name="time">Virtual time since the start, not before now.</param>
    /// <param name="action">The action.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time has passed or is beyond the range of the calendar.</exception>
    public void At(TimeSpan time, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(time, Elapsed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, _loop.Horizon);
        _loop.Plan(time, action);
    }

    /// <summary>Runs for exactly a virtual time span; unfinished work stays pending.</summary>
    /// <param name="span">The span, 0 or more.</param>
    /// <param name="cancellationToken">Stops between events.</param>
    public void RunFor(TimeSpan span, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, _loop.Horizon - Elapsed);
        var end = Elapsed + span;
        Run(end, cancellationToken);
        _loop.Elapsed = end;
    }

    /// <summary>Runs until all sources have ended and everything is processed, then ends subscriptions and completes their
    /// blocks.</summary>
    /// <remarks>Subscriptions end in this order: first control-only ones, such as those for returned model versions; then those whose
    /// publishers have all ended, so that last messages are received; finally those in rings.</remarks>
    /// <exception cref="InvalidOperationException">No events are left, but blocks wait for space or for a message that nobody
    /// sends.</exception>
    public void RunToEnd(CancellationToken cancellationToken = default) => new WorldEnd(this, hurried: false, cancellationToken).Reach();

    /// <summary>Ends every source now, also those of joining devices, then does the same as <see cref="RunToEnd"/>; for endless sources or
    /// wake-ups.</summary>
    /// <remarks>Messages in progress are processed. It waits for a wake-up only if a message or a reply waits for it; blocks with repeated
    /// wake-ups complete at the end of their input.</remarks>
    /// <exception cref="InvalidOperationException">No events are left, but blocks wait for space or for a message that nobody
    /// sends.</exception>
    public void Drain(CancellationToken cancellationToken = default)
    {
        _draining = true;
        foreach (var device in _devices) { device.EndSources(); }
        new WorldEnd(this, hurried: true, cancellationToken).Reach();
    }

    /// <summary>Stops every device and releases resources.</summary>
    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        _stop.Cancel();
        foreach (var device in _devices) { device.Release(); }
        _stop.Dispose();
    }

    internal void At(TimeSpan time, EventKind kind, Actor actor) => _loop.At(time, kind, actor);

    internal void BetweenBlocks(Action action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _loop.BetweenBlocks(action);
    }

    internal VirtualDevice Newest(string name) => _newest.TryGetValue(name, out var device) ? device
        : throw new InvalidOperationException($"expected a device '{name}', got none of that name");

    internal bool Has(ITransport transport) => _transports.TryGetValue(transport.Name, out var own) && ReferenceEquals(own, transport);

    internal void MarkReady(Actor actor) => _loop.MarkReady(actor);

    internal void MarkDirty(VirtualDevice device) => _loop.MarkDirty(device);

    internal OperatorContext ContextFor(VirtualDevice device, Node node, BlockMetrics metrics, bool beginsNow = false)
    {
        var context = new OperatorContext(device.Name, node.Name, Seed, Pool, metrics, _stop.Token)
        {
            Levels = device.Levels,
            LayerTimes = device.Profile.LayerTimes,
            Columns = node.Schema,
        };
        context.Begin(beginsNow ? Now : device.Began);
        return context;
    }

    /// <summary><paramref name="until"/>: the last time; null: no limit. <paramref name="atRest"/>: between events; true ends the
    /// loop.</summary>
    internal void Run(TimeSpan? until, CancellationToken cancellationToken, Func<bool>? atRest = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _loop.Run(until, atRest, cancellationToken);
    }

    private WorldTransport Transport(string name, bool isLocal)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_transports.TryGetValue(name, out var transport)) { _transports[name] = transport = new(name, isLocal); }
        return transport.IsLocal == isLocal ? transport
            : throw new ArgumentException($"expected a name that no {(isLocal ? "" : "local ")}transport has, got '{name}'", nameof(name));
    }
}
