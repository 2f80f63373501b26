namespace StreamLearn.Simulation;

/// <summary>One block in the simulation: the single-threaded counterpart of a dataflow stage.</summary>
/// <remarks>Actors never nest: they wake each other, and the world steps them one after the other.</remarks>
internal abstract partial class Actor(VirtualDevice device, Node node) : ISerialBlock, ISavedBlock
{
    private EdgeQueue[]? _queues;
    /// <summary>Maximal messages or calls at one virtual time.</summary>
    private const int MaxAtOnce = 1 << 20;

    private bool _woken;
    private TimeSpan _time = TimeSpan.MinValue;
    private int _atOnce;
    private bool _hadEnded;      // before the saved state that this device resumes from

    public Node Node { get; } = node;

    internal VirtualDevice Device { get; } = device;

    public BlockMetrics Metrics => Out.Metrics;

    internal List<SerialEdge> Inputs { get; } = [];

    internal Fanout Out { get; } = new(device.Metrics.Add(node.Name), () => device.World.Elapsed);

    public bool Ended { get; private set; }

    internal bool Steers { get; private set; } = true;

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

    internal virtual void ReleaseSaved() { }

    private protected virtual void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) { }

    protected bool Retired { get; private set; }

    protected virtual bool Busy => false;

    internal void AddTarget(SerialEdge edge)
    {
        Out.Add(edge.Queue.Edge.Port, edge);
        Steers &= edge.Queue.Edge.IsControl;
    }

    /// <summary>Schedules a step at this time; idempotent.</summary>
    public virtual void Wake()
    {
        if (_woken || Ended) { return; }
        _woken = true;
        World.MarkReady(this);
    }

    /// <summary>An exception stops only its own device.</summary>
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

    internal void Fail(Exception cause) => Device.Fail(new(Device.Name, Node.Name, Math.Max(Metrics.ItemsIn, 1), cause));

    internal void Stop()
    {
        if (!Ended) { Close(stopped: true); }
    }

    /// <summary>The actor ends once all its receivers have ended.</summary>
    public void EndReceiver()
    {
        Retired = Out.EndReceiver();
        Wake();
    }

    protected abstract void Advance();

    protected virtual void Happened(EventKind kind) { }

    protected virtual void Release() { }

    /// <summary>Guards against an actor that never lets virtual time advance.</summary>
    /// <exception cref="InvalidOperationException">It did too much at one time; its device stops.</exception>
    protected void LookAtClock()
    {
        (_time, _atOnce) = (World.Elapsed, _time == World.Elapsed ? _atOnce + 1 : 1);
        if (_atOnce <= MaxAtOnce) { return; }
        throw new InvalidOperationException(
            $"more than {MaxAtOnce:N0} messages or calls at one moment of virtual time: advance the source's NextAt, request wake-ups "
                + "later than now, or give the device a speed");
    }

    protected void Continue()
    {
        if (!Out.TryFlush()) { return; }
        if (_hadEnded) { End(); }
        else if (!Retired) { Advance(); }
        else if (!Busy) { End(); }
    }

    protected void End()
    {
        if (Ended) { return; }
        Close(stopped: false);
        foreach (var input in Inputs) { input.EndReceiver(); }
        foreach (var target in Out.Targets) { target.EndSender(); }
        Device.ActorEnded(Node);
    }

    /// <summary>A block that throws fails its device, of which everything is still released.</summary>
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
