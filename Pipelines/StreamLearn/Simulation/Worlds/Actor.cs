namespace StreamLearn.Simulation;

/// <summary>One block in the simulation, the single-threaded counterpart of a dataflow stage.</summary>
/// <remarks>Actors never nest: they wake each other, and the world steps them one after the other.</remarks>
internal abstract class Actor(VirtualDevice device, Node node)
    : SavedBlock(node, new(device.Metrics.Add(node.Name), () => device.World.Elapsed)), ISerialBlock
{
    /// <summary>Maximum number of messages or calls at one virtual time.</summary>
    private const int MaxAtOnce = 1 << 20;

    private bool _woken;
    private TimeSpan _time = TimeSpan.MinValue;
    private int _atOnce;

    internal VirtualDevice Device { get; } = device;

    internal List<SerialEdge> Inputs { get; } = [];

    public bool Ended { get; private set; }

    internal bool Steers { get; private set; } = true;

    internal virtual bool Waits => !Out.IsEmpty || Inputs.Exists(static i => i.HasItems);

    protected VirtualWorld World => Device.World;

    private protected override bool IsOver => Ended;

    private protected override IEnumerable<RunEdge> Edges => Inputs;

    internal virtual void ReleaseSaved() { }

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
        try { Continue(); }
        catch (Exception e) { Fail(e); }
    }

    internal void Handle(EventKind kind)
    {
        try { Happened(kind); }
        catch (Exception e) { Fail(e); }
    }

    internal void Fail(Exception cause) => Device.Fail(new(Device.Name, Node.Name, Math.Max(Metrics.ItemsIn, 1), cause));

    internal void Stop()
    {
        if (!Ended) { Close(stopped: true); }
    }

    /// <summary>Ends once all receivers have ended.</summary>
    public void EndReceiver()
    {
        Retired = Out.EndReceiver();
        Wake();
    }

    protected abstract void Advance();

    protected virtual void Happened(EventKind kind) { }

    protected virtual void Release() { }

    /// <summary>Throws if an actor never lets virtual time advance.</summary>
    /// <exception cref="InvalidOperationException">The actor did too much at one time; its device stops.</exception>
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
        if (HadEnded) { End(); }
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

    /// <summary>Ends the actor. If its block throws, the device fails, but everything is still released.</summary>
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
        try { action(); }
        catch (Exception e) { Fail(e); }
    }

    internal virtual string WorldFormat => $"world-{Node.Kind}/1".ToLowerInvariant();

    protected virtual OperatorContext? Context => null;

    internal void SaveAll(StateFrames frames, string name, SavedWith with)
    {
        var now = Context?.Now;      // states are saved with the time of the world
        var s = frames.Begin($"block/{name}", WorldFormat);
        State(ref s, with, now);
        if (!Ended && Stateful is { } stateful)
        {
            s = frames.Begin($"state/{name}", stateful.StateFormat);
            stateful.State(ref s);
        }

        if (Context is { } context) { context.Now = now!.Value; }
    }

    internal void LoadAll(WorldParts parts, string name, SavedWith with)
    {
        _woken = false;
        DateTimeOffset? now = null;
        parts.Read($"block/{name}", WorldFormat, (ref StateStream s) => now = State(ref s, with, null));
        if (Context is { } context) { context.ResumesInPlace = true; }
        if (!Ended && Stateful is { } stateful) { parts.Read($"state/{name}", stateful.StateFormat, stateful.State, stateful.Reads); }
        if (Context is { } known && now is { } time) { known.Now = time; }
    }

    private protected abstract void RestState(ref StateStream s, SavedWith with);

    private DateTimeOffset? State(ref StateStream s, SavedWith with, DateTimeOffset? now)
    {
        (Ended, Retired) = (s.Value(Ended), s.Value(Retired));
        if (s.IsReading && Ended) { Release(); }
        now = s.Time(now);
        Out.State(ref s, with.Messages, Node);
        Out.Marks(ref s);
        foreach (var input in Inputs)
        {
            var type = SavedMessages.TypeOf(Device.Pipeline, input.Queue.Edge);
            input.Queue.State(ref s, with.Messages, type, isLocal: false);      // as if the device had continued
            input.Queue.Marks(ref s);
        }

        RestState(ref s, with);
        Metrics.State(ref s);
        return now;
    }
}
