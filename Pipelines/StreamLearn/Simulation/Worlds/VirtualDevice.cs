using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>A pipeline in a virtual world: a processor of n cores on which its calls queue, control first, and a link.</summary>
public sealed partial class VirtualDevice
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

    /// <summary>The pipeline that runs on it.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pipeline's name.</summary>
    public string Name => Pipeline.Name;

    /// <summary>What it can compute.</summary>
    public DeviceProfile Profile { get; }

    /// <summary>Its link.</summary>
    public LinkProfile Link { get; }

    /// <summary>The counters of every block and edge.</summary>
    public RunMetrics Metrics { get; }

    /// <summary>Why the device stopped before its end; null if it did not. The other devices go on.</summary>
    public BlockFailedException? Failure { get; private set; }

    /// <summary>True once <see cref="Crash"/> has stopped it.</summary>
    public bool HasCrashed { get; private set; }

    /// <summary>True unless <see cref="Disconnect"/> has taken its connection.</summary>
    public bool IsConnected { get; private set; } = true;

    /// <summary>Connections that it has had, the first one included.</summary>
    public long Connects { get; private set; } = 1;

    /// <summary>Bytes sent.</summary>
    public long BytesUp => Up.Bytes + _sentOverPairs.Bytes;

    /// <summary>Bytes sent to it; counted when their transfer begins to queue.</summary>
    public long BytesDown => Down.Bytes + _receivedOverPairs.Bytes;

    /// <summary>What its own link carried from it; the rest of <see cref="BytesUp"/> went over links to other devices.</summary>
    public LinkUse Uplink => Up.Use;

    /// <summary>What its own link carried to it; the rest of <see cref="BytesDown"/> came over links from other devices.</summary>
    public LinkUse Downlink => Down.Use;

    /// <summary>Virtual time spent in calls, over all cores; a call counts when it starts.</summary>
    public TimeSpan Busy => Cores.Busy;

    /// <summary>How long it has been in each state since it was added, until it ended; calls and transfers count when they are queued, in
    /// full. Where it does several things at once each counts; what is left of the run is idle.</summary>
    public EnergyMeter Energy
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
            return left > TimeSpan.Zero ? meter.With(PowerState.Idle, left) : meter;
        }
    }

    /// <summary>The energy that it has taken by its <see cref="DeviceProfile.Power"/>, in joules.</summary>
    public double Joules => Energy.Joules(Profile.Power);

    /// <summary>Virtual time at which the last block ended, or at which the device stopped; null while any goes on.</summary>
    public TimeSpan? EndedAt { get; private set; }

    internal VirtualWorld World { get; }

    /// <summary>What saves its state; null: nothing.</summary>
    internal VirtualCheckpoints? State { get; private set; }

    /// <summary>Which start of its pipeline this is, from 0.</summary>
    internal long Epoch { get; init; }

    /// <summary>The newest checkpoint on its disk; null: there is none.</summary>
    public Checkpoint? LastCheckpoint => State?.Newest;

    /// <summary>When the pipeline began: before the device was added, if it goes on from a checkpoint.</summary>
    internal DateTimeOffset Began { get; }

    internal TopicLevels Levels { get; }

    internal DeviceCores Cores { get; }

    internal LinkDirection Up { get; }

    internal LinkDirection Down { get; }

    internal TokenPool Tokens { get; } = new();

    internal IReadOnlyList<Actor> Actors => _actors;

    internal bool Dirty { get; set; }

    /// <summary>True if the device did not come to its end by itself.</summary>
    internal bool Stopped { get; private set; }

    /// <summary>The texts of a named topic level that have appeared or were known, by the code that stands in the level's column.</summary>
    /// <param name="level">The level's name.</param>
    /// <exception cref="ArgumentException">No subscription has the level.</exception>
    public ImmutableArray<string> LevelTexts(string level) => Levels.Texts(level);

    /// <summary>Stops the device at once, as a loss of power would; the others go on. Without effect once it has ended.</summary>
    /// <remarks>
    /// What it held is lost, and what was on its way to it; so is the message whose last bit had not left. Each is counted <c>lost</c>, at
    /// the block that it was meant for. Called by a block, it happens at the same time, when no block is at work.
    /// </remarks>
    public void Crash() => World.BetweenBlocks(() =>
    {
        if (EndedAt is not null) { return; }
        HasCrashed = true;
        World.Trace.Write(this, "crash");
        Release();
        Unsubscribe();
    });

    /// <summary>Lets the device end in good order: its sources end, its subscriptions take what is on its way to them and no more, its
    /// blocks complete and publish their last. Without effect once it has ended.</summary>
    /// <remarks>Subscriptions that only steer go on until what they steer has completed.</remarks>
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

    /// <summary>Takes the device its connection, as the loss of a server would: what was on its way from it and to it is lost, and the
    /// server forgets the device. Without effect while it has none, or once it has ended.</summary>
    /// <remarks>
    /// What its blocks publish meanwhile waits on their edges until <see cref="Connect"/>; what others publish is lost to it. Each loss is
    /// counted <c>lost</c>, at the publication or subscription. <see cref="PipelineBuilder.Connections"/> tells of it.
    /// </remarks>
    public void Disconnect() => World.BetweenBlocks(() =>
    {
        if (EndedAt is not null || !IsConnected) { return; }
        IsConnected = false;
        World.Trace.Write(this, "disconnect");
        foreach (var publication in _actors.OfType<PublishActor>()) { publication.LoseConnection(); }
        foreach (var subscription in _actors.OfType<SubscribeActor>()) { subscription.LoseConnection(); }
        Tell("disconnected");
    });

    /// <summary>Gives the device its connection back: what waits is published, and subscriptions begin anew, with what is kept for later
    /// subscribers. Without effect while it has one, or once it has ended.</summary>
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

    /// <summary>Counts a transfer to another device over a link between the two.</summary>
    internal void CountSent(LinkUse use, TimeSpan starts, TimeSpan sent)
    {
        _sentOverPairs = _sentOverPairs.With(use);
        Up.SentElsewhere(starts, sent);
    }

    /// <summary>Counts a transfer from another device over a link between the two.</summary>
    internal void CountReceived(LinkUse use) => _receivedOverPairs = _receivedOverPairs.With(use);

    /// <summary>Begins a checkpoint at this time, when no block is at work. Without effect once the device has ended.</summary>
    /// <exception cref="InvalidOperationException">The device keeps no checkpoints.</exception>
    public void SaveState()
    {
        if (State is null) { throw new InvalidOperationException($"device '{Name}' keeps no checkpoints: add it with DeviceCheckpoints"); }
        State.Start();
    }

    internal void Keep(DeviceCheckpoints options, Checkpoint? from) => State = new(this, options.Checked(), from);

    /// <summary>Takes a state up, before the first call.</summary>
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

    /// <summary>Tells the world's transports that nobody listens here any more.</summary>
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
}
