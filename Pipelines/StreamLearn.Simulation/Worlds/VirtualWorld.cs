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

/// <summary>Runs pipelines on one thread and a virtual clock: thousands of devices, each with its own speed and link. Same inputs and
/// seed, same bits.</summary>
/// <remarks>Nothing sleeps and nothing is skipped: models are really computed and bytes really pass the codecs; only time is made
/// up.</remarks>
public sealed class VirtualWorld : IDisposable
{
    private const int StepsPerLook = 4096;

    private readonly PriorityQueue<(EventKind Kind, Actor Actor), (long Time, long Number)> _events = new();
    private readonly Queue<Actor> _ready = [];
    private readonly Queue<VirtualDevice> _dirty = [];
    private readonly List<VirtualDevice> _devices = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorldTransport> _transports = new(StringComparer.Ordinal);
    private readonly WorldOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _horizon;
    private long _number;
    private bool _running;
    private bool _disposed;

    /// <summary>Makes an empty world at its start time.</summary>
    /// <param name="options">Seed, start time, trace; null for the defaults.</param>
    public VirtualWorld(WorldOptions? options = null)
    {
        _options = options ?? new();
        (Now, _horizon) = (_options.Start, DateTimeOffset.MaxValue - _options.Start);
        Pool = new(_options.GuardMemory);
    }

    /// <summary>Virtual time.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Events handled so far: messages made, calls made and ended, transfers, wake-ups.</summary>
    public long Events { get; private set; }

    /// <summary>The devices, in the order in which they were added.</summary>
    public IReadOnlyList<VirtualDevice> Devices => _devices;

    /// <summary>Where the world's batches are rented; one pool for all devices.</summary>
    public BatchPool Pool { get; }

    internal PayloadPool Payloads { get; } = new();

    internal long Seed => _options.Seed;

    internal DateTimeOffset Start => _options.Start;

    /// <summary>The world's transport of a name, for pipelines that are to be added. Each device reaches it over its own link.</summary>
    /// <param name="name">The name.</param>
    public ITransport Transport(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_transports.TryGetValue(name, out var transport)) { _transports[name] = transport = new(name); }
        return transport;
    }

    /// <summary>Adds a device, before a run or in the middle of one; its sources start now.</summary>
    /// <param name="pipeline">The pipeline that runs on it.</param>
    /// <param name="device">What it can compute; null without limit.</param>
    /// <param name="link">Its link; null without limit.</param>
    /// <exception cref="ArgumentException">The name is taken, or a block cannot run in virtual time.</exception>
    public VirtualDevice Add(Pipeline pipeline, DeviceProfile? device = null, LinkProfile? link = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_names.Contains(pipeline.Name))
        {
            throw new ArgumentException($"a device is already named '{pipeline.Name}'", nameof(pipeline));
        }

        foreach (var node in pipeline.Nodes) { Check(pipeline, node); }
        var added = new VirtualDevice(this, pipeline, device ?? DeviceProfile.Unlimited, link ?? LinkProfile.Unlimited);
        try
        {
            foreach (var node in pipeline.Nodes) { added.Add(Create(added, node)); }
        }
        catch
        {
            added.Release();
            throw;
        }

        Connect(added);
        _names.Add(added.Name);
        _devices.Add(added);
        foreach (var actor in added.Actors.OfType<SubscribeActor>()) { ((WorldTransport)actor.Work.Transport).Subscribe(actor); }
        foreach (var actor in added.Actors) { actor.Poke(); }
        return added;
    }

    /// <summary>Runs for a length of virtual time; at its end the clock stands there exactly, and what is under way stays under
    /// way.</summary>
    /// <param name="span">How long, 0 or more.</param>
    /// <param name="cancellationToken">Stops between events.</param>
    public void RunFor(TimeSpan span, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, _horizon - Elapsed);
        var end = Elapsed + span;
        Run(end, cancellationToken);
        SetTime(end);
    }

    /// <summary>Runs until every source has ended and everything is processed, then ends the subscriptions and lets their blocks
    /// complete.</summary>
    /// <remarks>
    /// Subscriptions that only steer end first, such as model versions that return to the devices; then those whose publishers have all
    /// ended, so that what a completing device still sends is taken; at last those that publish to each other in a ring.
    /// </remarks>
    /// <param name="cancellationToken">Stops between events.</param>
    /// <exception cref="InvalidOperationException">Nothing is left to happen, and yet blocks wait: for room, or for a message that nobody
    /// sends.</exception>
    public void RunToEnd(CancellationToken cancellationToken = default)
    {
        Run(_horizon, cancellationToken);
        End(All<SubscribeActor>().FindAll(s => s.Steers), cancellationToken);
        for (var open = Open(); open.Count > 0; open = Open())
        {
            var publishers = All<PublishActor>();
            var next = open.FindAll(s => !publishers.Exists(p =>
                p.Work.Transport == s.Work.Transport && s.Work.Filter.Takes(p.Work.Topic)));
            End(next.Count > 0 ? next : open, cancellationToken);
        }

        var waiting = All<Actor>().Take(5).Select(a => $"{a.Device.Name}/{a.Node.Name}").ToList();
        if (waiting.Count > 0)
        {
            throw new InvalidOperationException($"nothing is left to happen, and yet blocks wait: {string.Join(", ", waiting)}");
        }
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

    internal void At(TimeSpan time, EventKind kind, Actor actor)
    {
        if (time < _horizon) { _events.Enqueue((kind, actor), (Math.Max(time.Ticks, Elapsed.Ticks), _number++)); }
    }

    internal void MarkReady(Actor actor) => _ready.Enqueue(actor);

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

    internal void Trace(VirtualDevice device, Node node, string kind, long amount) =>
        _options.Trace?.Invoke(new(Elapsed, device.Name, node.Name, kind, amount));

    private static Actor Create(VirtualDevice device, Node node) => node.Work switch
    {
        OperatorWork => new OperatorActor(device, node),
        SourceWork => new SourceActor(device, node),
        PublishWork => new PublishActor(device, node),
        _ => new SubscribeActor(device, node),
    };

    private static void Connect(VirtualDevice device)
    {
        foreach (var edge in device.Pipeline.Edges)
        {
            var (from, to) = (device.Actors[edge.From], device.Actors[edge.To]);
            var queue = new EdgeQueue(edge, $"{from.Node.Name}→{to.Node.Name}", to.Metrics, device.Tokens);
            device.Metrics.Add(queue);
            to.Inputs.Add((queue, from));
            from.AddTarget(edge.Port, queue, to);
        }

        foreach (var actor in device.Actors.OfType<OperatorActor>()) { actor.SortInputs(); }
    }

    private void Check(Pipeline pipeline, Node node)
    {
        var transport = node.Work is PublishWork publish ? publish.Transport : (node.Work as SubscribeWork)?.Transport;
        if (transport is null && node.Work is not (OperatorWork or SourceWork))
        {
            throw new ArgumentException(
                $"'{pipeline.Name}/{node.Name}' is a {node.Kind} block, which cannot run in virtual time: it is for the dataflow host",
                nameof(pipeline));
        }

        if (transport is not null && !(_transports.TryGetValue(transport.Name, out var own) && ReferenceEquals(own, transport)))
        {
            throw new ArgumentException(
                $"'{pipeline.Name}/{node.Name}' uses a transport that is not this world's: give the pipeline the world's, by "
                    + "Transport(name)", nameof(pipeline));
        }
    }

    private List<T> All<T>()
        where T : Actor => [.. _devices.SelectMany(d => d.Actors).OfType<T>().Where(a => !a.Ended)];

    private List<SubscribeActor> Open() => All<SubscribeActor>().FindAll(s => !s.Ending);

    private void End(List<SubscribeActor> subscriptions, CancellationToken cancellationToken)
    {
        foreach (var subscription in subscriptions) { subscription.EndWhenEmpty(); }
        Run(_horizon, cancellationToken);
    }

    private void Run(TimeSpan until, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_running) { throw new InvalidOperationException("the world is already running: a block or a trace cannot run it further"); }
        _running = true;
        try
        {
            Settle(cancellationToken);
            while (_events.TryPeek(out _, out var key) && key.Time <= until.Ticks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (kind, actor) = _events.Dequeue();
                if (key.Time != Elapsed.Ticks) { SetTime(new(key.Time)); }
                Events++;
                actor.Handle(kind);
                Settle(cancellationToken);
            }
        }
        finally
        {
            _running = false;
        }
    }

    private void SetTime(TimeSpan time) => (Elapsed, Now) = (time, Start + time);

    /// <summary>Lets all that can happen at this time happen. Blocks that feed each other without taking time never come to rest: the
    /// token still stops them.</summary>
    private void Settle(CancellationToken cancellationToken)
    {
        for (var steps = 1; ; steps++)
        {
            if (_ready.TryDequeue(out var actor)) { actor.Step(); }
            else if (_dirty.TryDequeue(out var device))
            {
                device.Dirty = false;
                device.Dispatch();
            }
            else { return; }
            if (steps % StepsPerLook == 0) { cancellationToken.ThrowIfCancellationRequested(); }
        }
    }
}
