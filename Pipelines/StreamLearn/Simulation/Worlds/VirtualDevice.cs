using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>A pipeline in a virtual world, with a link and n cores. Calls queue for the cores, control messages first.</summary>
public sealed class VirtualDevice
{
    private readonly List<Actor> _actors = [];
    private readonly bool[] _awaited;
    private readonly TimeSpan _addedAt;
    private LinkUse _sentOverPairs;
    private LinkUse _receivedOverPairs;
    private int _endedActors;
    private int _endedAwaited;

    internal VirtualDevice(VirtualWorld world, Pipeline pipeline, DeviceProfile profile, LinkProfile link, TimeSpan before = default)
    {
        (World, Pipeline, Profile, Link, Began) = (world, pipeline, profile.Checked(), link.Checked(), world.Now - before);
        _addedAt = world.Elapsed;
        Metrics = new(pipeline.Name);
        Levels = new(pipeline.Levels);
        _awaited = Awaited.Of(pipeline);
        Cores = new(world, this, Profile);
        Up = new(Link, Link.UpBitsPerSecond, new(world.Seed, "link-up", Name), Profile.Power.Tail);
        Down = new(Link, Link.DownBitsPerSecond, new(world.Seed, "link-down", Name));
    }

    /// <summary>The device's pipeline.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pipeline's name.</summary>
    public string Name => Pipeline.Name;

    /// <summary>The device's computing power.</summary>
    public DeviceProfile Profile { get; }

    /// <summary>The device's link.</summary>
    public LinkProfile Link { get; }

    /// <summary>The counters of all blocks and edges.</summary>
    public RunMetrics Metrics { get; }

    /// <summary>Why the device stopped early; null if it did not. Other devices continue.</summary>
    public BlockFailedException? Failure { get; private set; }

    /// <summary>True after <see cref="Crash"/>.</summary>
    public bool HasCrashed { get; private set; }

    /// <summary>False after <see cref="Disconnect"/>.</summary>
    public bool IsConnected { get; private set; } = true;

    /// <summary>Connections so far, including the first.</summary>
    public long Connects { get; private set; } = 1;

    /// <summary>Bytes that the device sent.</summary>
    public long BytesUp => Up.Bytes + _sentOverPairs.Bytes;

    /// <summary>Bytes sent to the device, counted when a transfer is queued.</summary>
    public long BytesDown => Down.Bytes + _receivedOverPairs.Bytes;

    /// <summary>Upward traffic of the device's own link; the rest of <see cref="BytesUp"/> used direct links.</summary>
    public LinkUse Uplink => Up.Use;

    /// <summary>Downward traffic of the device's own link; the rest of <see cref="BytesDown"/> used direct links.</summary>
    public LinkUse Downlink => Down.Use;

    /// <summary>Virtual time spent in calls on all cores, added when a call starts.</summary>
    public TimeSpan Busy => Cores.Busy;

    /// <summary>Time in each state from the addition of the device to its end. Calls and transfers count in full when they are queued.
    /// Concurrent states each count; the remainder is idle time.</summary>
    internal EnergyMeter Energy
    {
        get
        {
            var end = EndedAt ?? World.Elapsed;
            var meter = new EnergyMeter
            {
                Computing = Busy,
                Sending = Up.Use.With(_sentOverPairs).Busy,
                Receiving = Down.Use.With(_receivedOverPairs).Busy,
                Tail = Up.TailsUntil(end),
                Bits = 8 * (BytesUp + BytesDown),
            };
            var left = end - _addedAt - meter.Total;
            return left > TimeSpan.Zero ? meter with { Idle = left } : meter;
        }
    }

    /// <summary>Energy in joules according to <see cref="DeviceProfile.Power"/>.</summary>
    public double Joules => Energy.Joules(Profile.Power);

    /// <summary>Virtual time at which the last block ended or the device stopped; null while it is running.</summary>
    public TimeSpan? EndedAt { get; private set; }

    internal VirtualWorld World { get; }

    internal VirtualCheckpoints? State { get; private set; }

    internal long Epoch { get; init; }

    /// <summary>The newest checkpoint on the device's disk; null: none.</summary>
    public Checkpoint? LastCheckpoint => State?.Newest;

    /// <summary>Start of the pipeline; before the start of the device if it was resumed.</summary>
    internal DateTimeOffset Began { get; }

    internal TopicLevels Levels { get; }

    internal DeviceCores Cores { get; }

    internal LinkDirection Up { get; }

    internal LinkDirection Down { get; }

    internal TokenPool Tokens { get; } = new();

    internal IReadOnlyList<Actor> Actors => _actors;

    internal bool Dirty { get; set; }

    internal bool Stopped { get; private set; }

    /// <summary>Returns the known names at a named topic level, indexed by their code in the level's column.</summary>
    /// <exception cref="ArgumentException">No subscription has the level.</exception>
    public ImmutableArray<string> LevelTexts(string level) => Levels.Texts(level);

    /// <summary>Stops only this device at once, as a power loss would. No effect after its end.</summary>
    /// <remarks> Its messages, those in transit to it, and the one whose last bit had not left are lost and counted <c>lost</c> at the
    /// intended block. If a block calls, it happens at the same time, once no block is running. </remarks>
    public void Crash() => World.BetweenBlocks(() =>
    {
        if (EndedAt is not null) { return; }
        HasCrashed = true;
        World.Trace.Write(this, "crash");
        Release();
        Unsubscribe();
    });

    /// <summary>Ends the device normally: sources end, subscriptions receive only messages in transit, and blocks complete and publish
    /// their last messages. It has no effect after the device has ended.</summary>
    /// <remarks>Control-only subscriptions continue until the blocks they control have completed.</remarks>
    public void Leave() => World.BetweenBlocks(() =>
    {
        if (EndedAt is not null) { return; }
        World.Trace.Write(this, "leave");
        EndSources();
        foreach (var subscription in _actors.OfType<SubscribeActor>())
        {
            if (subscription.Steers) { continue; }
            ((WorldTransport)subscription.Work.Transport).Unsubscribe(subscription);
            subscription.EndWhenEmpty();
        }
    });

    /// <summary>Disconnects the device: messages in transit in either direction are lost, and the server forgets the device. It has no
    /// effect while the device is disconnected or after it has ended.</summary>
    /// <remarks>Its own publications wait on their edges until <see cref="Connect"/>; publications of other devices do not reach it. Each
    /// loss is counted as <c>lost</c> at the publication or subscription. <see cref="PipelineBuilder.Connections"/> reports the
    /// change.</remarks>
    public void Disconnect() => World.BetweenBlocks(() =>
    {
        if (EndedAt is not null || !IsConnected) { return; }
        IsConnected = false;
        World.Trace.Write(this, "disconnect");
        foreach (var publication in _actors.OfType<PublishActor>()) { publication.LoseConnection(); }
        foreach (var subscription in _actors.OfType<SubscribeActor>()) { subscription.LoseConnection(); }
        Tell("disconnected");
    });

    /// <summary>Reconnects the device: waiting messages are published, and subscriptions restart with retained messages. It has no effect
    /// while the device is connected or after it has ended.</summary>
    public void Connect() => World.BetweenBlocks(() =>
    {
        if (EndedAt is not null || IsConnected) { return; }
        (IsConnected, Connects) = (true, Connects + 1);
        World.Trace.Write(this, "connect");
        Tell("");
        foreach (var publication in _actors.OfType<PublishActor>()) { publication.Wake(); }
        foreach (var subscription in _actors.OfType<SubscribeActor>().Where(static s => s is { Ended: false, Ending: false }))
        {
            ((WorldTransport)subscription.Work.Transport).SendRetained(subscription);
        }
    });

    internal void Add(Actor actor) => _actors.Add(actor);

    internal void CountSent(LinkUse use, TimeSpan starts, TimeSpan sent)
    {
        _sentOverPairs = _sentOverPairs.With(use);
        Up.SentElsewhere(starts, sent);
    }

    internal void CountReceived(LinkUse use) => _receivedOverPairs = _receivedOverPairs.With(use);

    /// <summary>Starts a checkpoint at this time, once no block is running. It has no effect after the device has ended.</summary>
    /// <exception cref="InvalidOperationException">The device keeps no checkpoints.</exception>
    public void SaveState()
    {
        if (State is null) { throw new InvalidOperationException($"device '{Name}' keeps no checkpoints: add it with DeviceCheckpoints"); }
        State.Start();
    }

    internal void Keep(DeviceCheckpoints options, Checkpoint? from) => State = new(this, options.Checked(), from);

    /// <summary>Restores a checkpoint; must precede the first call of any block.</summary>
    internal void Load(Checkpoint from) => new RunUnit(Pipeline, Levels, World.Pool).Load(from, _actors, World.Now, Metrics);

    internal void EndSources()
    {
        foreach (var source in _actors.OfType<SourceActor>()) { source.EndNow(); }
        EndConnections();
    }

    internal void EndConnections()
    {
        foreach (var connections in _actors.OfType<ConnectionsActor>()) { connections.EndNow(); }
    }

    internal void Unsubscribe()
    {
        foreach (var actor in _actors.OfType<SubscribeActor>()) { ((WorldTransport)actor.Work.Transport).Unsubscribe(actor); }
    }

    internal void Fail(BlockFailedException failure)
    {
        Failure ??= failure;
        Release();
    }

    private void Tell(string reason)
    {
        foreach (var connections in _actors.OfType<ConnectionsActor>()) { connections.Tell(reason); }
    }

    internal void Release()
    {
        Stopped |= EndedAt is null;
        foreach (var actor in _actors) { actor.Stop(); }
        EndedAt ??= World.Elapsed;
    }

    internal void ActorEnded(Node node)
    {
        if (++_endedActors == _actors.Count) { EndedAt ??= World.Elapsed; }
        if (_awaited[node.Index] && ++_endedAwaited == _awaited.Count(static a => a)) { EndConnections(); }
    }

    private const int MaxFailureText = 10_000;

    internal bool HasDisk { get; init; }

    internal void Standing(ref StateStream s)
    {
        EndedAt = s.Value(EndedAt?.Ticks) is { } ticks ? new(ticks) : null;
        (HasCrashed, Stopped, IsConnected) = (s.Value(HasCrashed), s.Value(Stopped), s.Value(IsConnected));
        Connects = s.Value(Connects);
        s.Value(ref _endedActors, 0, _actors.Count);
        s.Value(ref _endedAwaited, 0, _actors.Count);
        if (!s.Value(Failure is not null)) { return; }
        var why = Failure?.InnerException?.Message ?? "";
        var (block, item) = (s.Value(Failure?.Block ?? ""), s.Value(Failure?.Item ?? 0));
        why = s.Value(why.Length <= MaxFailureText ? why : why[..MaxFailureText]);
        if (s.IsReading) { Failure = new(Name, block, item, new InvalidOperationException(why)); }
    }

    internal void Hardware(ref StateStream s)
    {
        Cores.State(ref s);
        Up.State(ref s);
        Down.State(ref s);
        _sentOverPairs = LinkUse.State(ref s, _sentOverPairs);
        _receivedOverPairs = LinkUse.State(ref s, _receivedOverPairs);
        Levels.State(ref s);
    }
}
