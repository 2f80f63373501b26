namespace StreamLearn.Simulation;

/// <summary>Runs pipelines on one thread and a virtual clock: thousands of devices, each with its own speed and link. Same inputs and
/// seed, same bits.</summary>
/// <remarks>Nothing sleeps and nothing is skipped: models are really computed and bytes really pass the codecs; only time is made
/// up.</remarks>
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

    /// <summary>Makes an empty world at its start time.</summary>
    /// <param name="options">Seed, start time, trace; null for the defaults.</param>
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

    /// <summary>Events handled so far: messages made, calls made and ended, transfers, wake-ups.</summary>
    public long Events => _loop.Events;

    /// <summary>The devices, in the order in which they were added, those that have ended or crashed too.</summary>
    public IReadOnlyList<VirtualDevice> Devices => _devices;

    /// <summary>Where the world's batches are rented; one pool for all devices.</summary>
    public BatchPool Pool { get; }

    internal WorldTrace Trace { get; }

    internal PayloadPool Payloads { get; } = new();

    internal long Seed => _options.Seed;

    internal Func<Node, bool>? Reloads => _options.Reloads;

    internal DateTimeOffset Start => _options.Start;

    /// <summary>Ends of calls and transfers to come.</summary>
    internal int UnderWay => _loop.UnderWay;

    /// <summary>How many publications have ended, so that who waits for that needs not look for it.</summary>
    internal long PublishersEnded { get; set; }

    /// <summary>The world's transport of a name, for pipelines that are to be added. Each device reaches it over its own link.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is empty, or that of a local transport.</exception>
    public ITransport Transport(string name) => Transport(name, isLocal: false);

    /// <summary>The world's local transport of a name: messages take no time and no link, as within one machine. A pipeline may feed
    /// back to itself.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is empty, or that of another transport.</exception>
    public ITransport LocalTransport(string name) => Transport(name, isLocal: true);

    /// <summary>Adds a device, before a run or in the middle of one; its sources start now.</summary>
    /// <remarks>A name is free again when the device that had it has ended or crashed: the device rejoins. It is a new one, with counters
    /// of its own; what its pipeline remembers is the pipeline's business.</remarks>
    /// <param name="pipeline">The pipeline that runs on it.</param>
    /// <param name="device">What it can compute; null without limit.</param>
    /// <param name="link">Its link; null without limit.</param>
    /// <exception cref="ArgumentException">The name is taken, or a block cannot run in virtual time.</exception>
    /// <exception cref="MemoryLimitException">The pipeline may need more memory than the device has.</exception>
    /// <exception cref="BlockFailedException">A block could not be made.</exception>
    public VirtualDevice Add(Pipeline pipeline, DeviceProfile? device = null, LinkProfile? link = null) =>
        Add(pipeline, device, link, null);

    /// <summary>Adds a device that keeps checkpoints: after a crash it can go on where it was.</summary>
    /// <remarks>The server keeps messages for its durable subscriptions until a checkpoint holds their effect, also while the device is
    /// away, and sends them again where that does not come. Updates, versions and receipts leave it when a checkpoint holds them.</remarks>
    /// <param name="pipeline">The pipeline that runs on it.</param>
    /// <param name="device">What it can compute; null without limit.</param>
    /// <param name="link">Its link; null without limit.</param>
    /// <param name="checkpoints">When it saves its state, and what that costs; null: never.</param>
    /// <param name="from">The state that it goes on from, such as <see cref="VirtualDevice.LastCheckpoint"/> of one that crashed; null: it
    /// begins anew.</param>
    /// <exception cref="ArgumentException">The name is taken, a block cannot run in virtual time, or the state of one cannot be saved.
    /// </exception>
    /// <exception cref="StateException">The checkpoint does not fit the pipeline.</exception>
    /// <exception cref="MemoryLimitException">The pipeline may need more memory than the device has.</exception>
    /// <exception cref="BlockFailedException">A block could not be made.</exception>
    public VirtualDevice Add(
        Pipeline pipeline, DeviceProfile? device, LinkProfile? link, DeviceCheckpoints? checkpoints, Checkpoint? from = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_newest.TryGetValue(pipeline.Name, out var before) && before.EndedAt is null)
        {
            throw new ArgumentException($"a device is already named '{pipeline.Name}', and it goes on", nameof(pipeline));
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

    /// <summary>Plans what the program does to the world at a time: a device that crashes or joins, a measurement.</summary>
    /// <remarks>It runs between blocks, in the order in which it was planned where times are the same. What it throws ends the run of the
    /// world and nothing else.</remarks>
    /// <param name="time">Virtual time since the start, not before now.</param>
    /// <param name="action">What is done.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time has passed, or is beyond the calendar.</exception>
    public void At(TimeSpan time, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(time, Elapsed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, _loop.Horizon);
        _loop.Plan(time, action);
    }

    /// <summary>Runs for a length of virtual time; at its end the clock stands there exactly, and what is under way stays under
    /// way.</summary>
    /// <param name="span">How long, 0 or more.</param>
    /// <param name="cancellationToken">Stops between events.</param>
    public void RunFor(TimeSpan span, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, _loop.Horizon - Elapsed);
        var end = Elapsed + span;
        Run(end, cancellationToken);
        _loop.Elapsed = end;
    }

    /// <summary>Runs until every source has ended and everything is processed, then ends the subscriptions and lets their blocks
    /// complete.</summary>
    /// <remarks>
    /// Subscriptions that only steer end first, such as model versions that return to the devices; then those whose publishers have all
    /// ended, so that what a completing device still sends is taken; at last those that publish to each other in a ring.
    /// </remarks>
    /// <param name="cancellationToken">Stops between events.</param>
    /// <exception cref="InvalidOperationException">Nothing is left to happen, and yet blocks wait: for space, or for a message that nobody
    /// sends.</exception>
    public void RunToEnd(CancellationToken cancellationToken = default) => new WorldEnd(this, hurried: false, cancellationToken).Reach();

    /// <summary>Ends every source now, also those of devices that still join, and then does as <see cref="RunToEnd"/>: for worlds whose
    /// sources, or whose wake-ups, never end by themselves.</summary>
    /// <remarks>
    /// What is under way is processed. A wake-up is waited for where a message or an answer waits for it, and no longer than that: blocks
    /// that are woken again and again complete at the end of their input.
    /// </remarks>
    /// <param name="cancellationToken">Stops between events.</param>
    /// <exception cref="InvalidOperationException">Nothing is left to happen, and yet blocks wait: for space, or for a message that nobody
    /// sends.</exception>
    public void Drain(CancellationToken cancellationToken = default)
    {
        _draining = true;
        foreach (var device in _devices) { device.EndSources(); }
        new WorldEnd(this, hurried: true, cancellationToken).Reach();
    }

    /// <summary>Stops every device and gives back what is held.</summary>
    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        _stop.Cancel();
        foreach (var device in _devices) { device.Release(); }
        _stop.Dispose();
    }

    internal void At(TimeSpan time, EventKind kind, Actor actor) => _loop.At(time, kind, actor);

    /// <summary>Does something to a device: now, or, when a block asks for it, as soon as no block is at work.</summary>
    internal void BetweenBlocks(Action action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _loop.BetweenBlocks(action);
    }

    /// <summary>The device that was last added under a name.</summary>
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

    /// <summary>Handles events. <paramref name="until"/>: the last time; null for all. <paramref name="atRest"/>: asked between events:
    /// true to return.</summary>
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
