namespace StreamLearn.Simulation;

/// <summary>What happens at a moment of virtual time.</summary>
internal enum EventKind
{
    Source,
    WakeUp,
    CallEnd,
    Sent,
    Arrival,
}

/// <summary>Runs pipelines on one thread and a virtual clock: thousands of devices, each with its own speed and link. Same inputs and seed, same bits.</summary>
/// <remarks>Nothing sleeps and nothing is skipped: models are really computed and bytes really pass the codecs; only time is made up.</remarks>
public sealed class VirtualWorld : IDisposable
{
    private readonly PriorityQueue<(EventKind Kind, Actor Actor), (long Time, long Number)> _events = new();
    private readonly Queue<VirtualDevice> _dirty = [];
    private readonly List<VirtualDevice> _devices = [];
    private readonly Dictionary<string, WorldTransport> _transports = new(StringComparer.Ordinal);
    private readonly WorldOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private long _number;

    /// <summary>Makes an empty world at its start time.</summary>
    /// <param name="options">Seed, start time, trace; null for the defaults.</param>
    public VirtualWorld(WorldOptions? options = null)
    {
        _options = options ?? new();
        Pool = new(_options.GuardMemory);
    }

    /// <summary>Virtual time.</summary>
    public DateTimeOffset Now => Start + Elapsed;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Events handled so far: messages made, calls ended, transfers, wake-ups, and calls made.</summary>
    public long Events { get; private set; }

    /// <summary>The devices, in the order in which they were added.</summary>
    public IReadOnlyList<VirtualDevice> Devices => _devices;

    /// <summary>Where the world's batches are rented; one pool for all devices.</summary>
    public BatchPool Pool { get; }

    internal long Seed => _options.Seed;

    internal DateTimeOffset Start => _options.Start;

    /// <summary>The world's transport of a name, for pipelines that are to be added. Each device reaches it over its own link.</summary>
    /// <param name="name">The name.</param>
    public ITransport Transport(string name)
    {
        if (!_transports.TryGetValue(name, out var transport)) { _transports[name] = transport = new(name); }
        return transport;
    }

    /// <summary>Adds a device; its sources start now.</summary>
    /// <param name="pipeline">The pipeline that runs on it.</param>
    /// <param name="device">What it can compute; null without limit.</param>
    /// <param name="link">Its link; null without limit.</param>
    /// <exception cref="ArgumentException">The name is taken, or a block cannot run in virtual time.</exception>
    public VirtualDevice Add(Pipeline pipeline, DeviceProfile? device = null, LinkProfile? link = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        if (_devices.Exists(d => d.Name == pipeline.Name)) { throw new ArgumentException($"a device is already named '{pipeline.Name}'", nameof(pipeline)); }
        var added = new VirtualDevice(this, pipeline, device ?? DeviceProfile.Unlimited, link ?? LinkProfile.Unlimited);
        var actors = pipeline.Nodes.Select(n => Create(added, n)).ToList();
        foreach (var actor in actors) { added.Add(actor); }
        foreach (var edge in pipeline.Edges)
        {
            var (from, to) = (actors[edge.From], actors[edge.To]);
            var queue = new EdgeQueue(edge, $"{from.Node.Name}→{to.Node.Name}", to.Metrics, added.Tokens);
            added.Metrics.Add(queue);
            to.Inputs.Add((queue, from));
            if (!from.Targets.TryGetValue(edge.Port, out var targets)) { from.Targets[edge.Port] = targets = []; }
            targets.Add((queue, to));
        }

        _devices.Add(added);
        foreach (var actor in actors.OfType<OperatorActor>()) { actor.SortInputs(); }
        foreach (var actor in actors.OfType<SubscribeActor>()) { ((WorldTransport)actor.Work.Transport).Subscribe(actor); }
        foreach (var actor in actors) { actor.Poke(); }
        return added;
    }

    /// <summary>Runs for a length of virtual time, or until nothing is left to happen.</summary>
    /// <param name="span">How long.</param>
    /// <param name="cancellationToken">Stops between events.</param>
    public void RunFor(TimeSpan span, CancellationToken cancellationToken = default)
    {
        var end = Elapsed + span;
        Run(end, cancellationToken);
        Elapsed = end;
    }

    /// <summary>Runs until every source has ended and everything is processed, then ends the subscriptions and lets their blocks complete.</summary>
    /// <param name="cancellationToken">Stops between events.</param>
    /// <exception cref="InvalidOperationException">Nothing is left to happen, and yet blocks wait: for room, or for a message that nobody sends.</exception>
    public void RunToEnd(CancellationToken cancellationToken = default)
    {
        Run(TimeSpan.MaxValue, cancellationToken);
        foreach (var actor in _devices.SelectMany(d => d.Actors).OfType<SubscribeActor>().ToList()) { actor.EndWhenEmpty(); }
        Run(TimeSpan.MaxValue, cancellationToken);
        var waiting = _devices.SelectMany(d => d.Actors).Where(a => !a.Ended).Take(5).Select(a => $"{a.Device.Name}/{a.Node.Name}").ToList();
        if (waiting.Count > 0) { throw new InvalidOperationException($"nothing is left to happen, and yet blocks wait: {string.Join(", ", waiting)}"); }
    }

    /// <summary>Stops every device and gives back what is held.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var device in _devices) { device.Release(); }
        _stop.Dispose();
    }

    internal void At(TimeSpan time, EventKind kind, Actor actor) =>
        _events.Enqueue((kind, actor), (Math.Max(time.Ticks, Elapsed.Ticks), _number++));

    internal void MarkDirty(VirtualDevice device)
    {
        if (device.Dirty) { return; }
        device.Dirty = true;
        _dirty.Enqueue(device);
    }

    internal OperatorContext ContextFor(VirtualDevice device, Node node, BlockMetrics metrics)
    {
        var context = new OperatorContext(device.Name, node.Name, Seed, Pool, metrics, _stop.Token);
        context.Begin(Now);
        return context;
    }

    internal void Trace(VirtualDevice device, Node node, CallKind kind, long amount)
    {
        Events++;
        if (_options.Trace is null) { return; }
        var name = kind switch
        {
            CallKind.Process => "process",
            CallKind.Control => "control",
            CallKind.WakeUp => "wake-up",
            _ => "complete",
        };
        _options.Trace(new(Elapsed, device.Name, node.Name, name, amount));
    }

    internal void Trace(VirtualDevice device, Node node, string kind, long amount) => _options.Trace?.Invoke(new(Elapsed, device.Name, node.Name, kind, amount));

    private static Actor Create(VirtualDevice device, Node node) => node.Work switch
    {
        OperatorWork => new OperatorActor(device, node),
        SourceWork => new SourceActor(device, node),
        PublishWork { Transport: WorldTransport } => new PublishActor(device, node),
        SubscribeWork { Transport: WorldTransport } => new SubscribeActor(device, node),
        PublishWork or SubscribeWork => throw new ArgumentException($"'{device.Name}/{node.Name}' uses a real transport: give the pipeline the world's, by Transport(name)"),
        _ => throw new ArgumentException($"'{device.Name}/{node.Name}' is a {node.Kind} block, which cannot run in virtual time: it is for the dataflow host"),
    };

    private void Run(TimeSpan until, CancellationToken cancellationToken)
    {
        Dispatch();
        while (_events.TryPeek(out _, out var key) && key.Time <= until.Ticks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (kind, actor) = _events.Dequeue();
            Elapsed = new(key.Time);
            Events++;
            actor.Handle(kind);
            Dispatch();
        }
    }

    private void Dispatch()
    {
        while (_dirty.TryDequeue(out var device))
        {
            device.Dirty = false;
            device.Dispatch();
        }
    }
}
