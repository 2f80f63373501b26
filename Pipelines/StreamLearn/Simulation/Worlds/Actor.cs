namespace StreamLearn.Simulation;

/// <summary>One block in the virtual world: the twin of a stage of the dataflow host, on one thread.</summary>
/// <remarks>No actor ever runs inside another one: who finds something to do for another pokes it, and the world lets it step when the
/// present one has returned.</remarks>
internal abstract partial class Actor(VirtualDevice device, Node node) : ISerialBlock, ISavedBlock
{
    private EdgeQueue[]? _queues;
    /// <summary>Messages made, or calls, while virtual time stands still.</summary>
    private const int MaxAtOnce = 1 << 20;

    private bool _woken;
    private TimeSpan _time = TimeSpan.MinValue;
    private int _atOnce;
    private bool _hadEnded;      // on the device that this one goes on from

    public Node Node { get; } = node;

    internal VirtualDevice Device { get; } = device;

    public BlockMetrics Metrics => Out.Metrics;

    internal List<SerialEdge> Inputs { get; } = [];

    /// <summary>Where the outputs go.</summary>
    internal Fanout Out { get; } = new(device.Metrics.Add(node.Name), () => device.World.Elapsed);

    public bool Ended { get; private set; }

    /// <summary>True if it feeds nothing but control inputs.</summary>
    internal bool Steers { get; private set; } = true;

    /// <summary>True while a message waits here: for a call, or for space.</summary>
    internal virtual bool Waits => !Out.IsEmpty || Inputs.Exists(static i => i.HasItems);

    protected VirtualWorld World => Device.World;

    public abstract string HostFormat { get; }

    public virtual IStateful? Stateful => null;

    public bool HasEnded => Ended || _hadEnded;

    EdgeQueue[] ISavedBlock.Queues => _queues ??= [.. Inputs.Select(static i => i.Queue)];

    void ISavedBlock.HostState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        var hasEnded = s.Value(HasEnded);
        if (s.IsReading) { _hadEnded = hasEnded; }
        Out.State(ref s, messages, Node);
        OwnState(ref s, messages, now);
    }

    public virtual void Loaded() { }

    /// <summary>Lets go what the last checkpoint holds: it is on disk.</summary>
    internal virtual void ReleaseSaved() { }

    /// <summary>What this kind of actor keeps.</summary>
    private protected virtual void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) { }

    /// <summary>True when nobody listens any more.</summary>
    protected bool Retired { get; private set; }

    /// <summary>True while something is under way that must end before the actor may.</summary>
    protected virtual bool Busy => false;

    internal void AddTarget(SerialEdge edge)
    {
        Out.Add(edge.Queue.Edge.Port, edge);
        Steers &= edge.Queue.Edge.IsControl;
    }

    /// <summary>Lets the actor look for something to do, soon and at this time; any number of times.</summary>
    public virtual void Wake()
    {
        if (_woken || Ended) { return; }
        _woken = true;
        World.MarkReady(this);
    }

    /// <summary>Does what there is to do. What it throws stops its device, no other.</summary>
    internal void Step()
    {
        _woken = false;
        if (Ended) { return; }
        try
        {
            Continue();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Handles an event that this actor asked for.</summary>
    internal void Handle(EventKind kind)
    {
        try
        {
            Happened(kind);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Stops the device because this block threw.</summary>
    internal void Fail(Exception cause) => Device.Fail(new(Device.Name, Node.Name, Math.Max(Metrics.ItemsIn, 1), cause));

    /// <summary>Stops at once and gives back what is held.</summary>
    internal void Stop()
    {
        if (!Ended) { Close(stopped: true); }
    }

    /// <summary>Hears that a receiver has ended: pending outputs find their way, and when all receivers have ended the actor ends
    /// too.</summary>
    public void EndReceiver()
    {
        Retired = Out.EndReceiver();
        Wake();
    }

    /// <summary>Looks for something to do; there are no pending outputs.</summary>
    protected abstract void Advance();

    protected virtual void Happened(EventKind kind) { }

    protected virtual void Release() { }

    /// <summary>Counts what the actor does while virtual time stands still: one that never lets it move on would hold up the
    /// world.</summary>
    /// <exception cref="InvalidOperationException">It did too much; its device stops.</exception>
    protected void LookAtClock()
    {
        (_time, _atOnce) = (World.Elapsed, _time == World.Elapsed ? _atOnce + 1 : 1);
        if (_atOnce <= MaxAtOnce) { return; }
        throw new InvalidOperationException(
            $"more than {MaxAtOnce:N0} messages or calls at one moment of virtual time: let a source's NextAt move on, ask for wake-ups "
                + "later than now, or give the device a speed");
    }

    /// <summary>Moves outputs on, ends if nobody listens, and goes on otherwise.</summary>
    protected void Continue()
    {
        if (!Out.TryFlush()) { return; }
        if (_hadEnded) { End(); }
        else if (!Retired) { Advance(); }
        else if (!Busy) { End(); }
    }

    /// <summary>Ends in good order: all outputs have been taken.</summary>
    protected void End()
    {
        if (Ended) { return; }
        Close(stopped: false);
        foreach (var input in Inputs) { input.EndReceiver(); }
        foreach (var target in Out.Targets) { target.EndSender(); }
        Device.ActorEnded(Node);
    }

    /// <summary>Takes nothing more and gives back what is held. A block that throws here fails its device, of which everything is given
    /// back all the same.</summary>
    private void Close(bool stopped)
    {
        Ended = true;
        foreach (var input in Inputs)
        {
            var left = input.Queue.TakeAll(stopped ? "lost" : "after-end");
            Guarded(() => EdgeQueue.EndAll(left, processed: !stopped));
        }

        Out.Close(Guarded);
        Guarded(Release);
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }
}
