namespace StreamLearn.Simulation;

/// <summary>One block in the virtual world: the twin of a stage of the dataflow host, on one thread.</summary>
/// <remarks>No actor ever runs inside another one: who finds something to do for another pokes it, and the world lets it step when the
/// present one has returned.</remarks>
internal abstract class Actor(VirtualDevice device, Node node)
{
    /// <summary>Messages made, or calls, while virtual time stands still.</summary>
    private const int MostAtOnce = 1 << 20;

    private readonly List<(EdgeQueue Queue, Actor Receiver)>?[] _targets = new List<(EdgeQueue, Actor)>?[Ports.PortCount];
    private readonly List<(int Port, Item Item)> _pending = [];
    private TimeSpan? _blockedSince;
    private int _pendingIndex;
    private int _targetIndex;
    private int _targetCount;
    private int _receiversEnded;
    private bool _poked;
    private TimeSpan _time = TimeSpan.MinValue;
    private int _atOnce;

    internal Node Node { get; } = node;

    internal VirtualDevice Device { get; } = device;

    internal BlockMetrics Metrics { get; } = device.Metrics.Add(node.Name);

    internal List<(EdgeQueue Queue, Actor Sender)> Inputs { get; } = [];

    internal bool Ended { get; private set; }

    /// <summary>True if it feeds nothing but control inputs.</summary>
    internal bool Steers { get; private set; } = true;

    /// <summary>True while a message waits here: for a call, or for room.</summary>
    internal virtual bool Waits => _pending.Count > 0 || Inputs.Exists(static i => i.Queue.Count > 0);

    protected VirtualWorld World => Device.World;

    /// <summary>Outputs that still look for room, and that an actor adds to.</summary>
    protected List<(int Port, Item Item)> Pending => _pending;

    /// <summary>True when nobody listens any more.</summary>
    protected bool Retired { get; private set; }

    /// <summary>True while something is under way that must end before the actor may.</summary>
    protected virtual bool Busy => false;

    internal void AddTarget(int port, EdgeQueue queue, Actor receiver)
    {
        (_targets[port] ??= []).Add((queue, receiver));
        _targetCount++;
        Steers &= queue.Edge.IsControl;
    }

    /// <summary>Lets the actor look for something to do, soon and at this time; any number of times.</summary>
    internal virtual void Poke()
    {
        if (_poked || Ended) { return; }
        _poked = true;
        World.MarkReady(this);
    }

    /// <summary>Does what there is to do. What it throws stops its device, no other.</summary>
    internal void Step()
    {
        _poked = false;
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

    /// <summary>Takes a message from a sender, or says that it must wait.</summary>
    internal bool TryReceive(EdgeQueue queue, in Item item)
    {
        if (Ended)
        {
            Metrics.Dropped("after-end", 1, item.Rows);
            item.End(processed: true);
            return true;
        }

        if (!queue.TryAdd(item))
        {
            queue.SenderWaits = true;
            return false;
        }

        Poke();
        return true;
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
        if (_atOnce <= MostAtOnce) { return; }
        throw new InvalidOperationException(
            $"more than {MostAtOnce:N0} messages or calls at one moment of virtual time: let a source's NextAt move on, ask for wake-ups "
                + "later than now, or give the device a speed");
    }

    /// <summary>Takes a message of an input, and lets a waiting sender go on.</summary>
    protected static bool TryTake((EdgeQueue Queue, Actor Sender) input, out Item item)
    {
        if (!input.Queue.TryTake(out item)) { return false; }
        if (input.Queue.SenderWaits)
        {
            input.Queue.SenderWaits = false;
            input.Sender.Poke();
        }

        return true;
    }

    /// <summary>Moves outputs on, ends if nobody listens, and goes on otherwise.</summary>
    protected void Continue()
    {
        if (!TryFlush()) { return; }
        if (!Retired) { Advance(); }
        else if (!Busy) { End(); }
    }

    /// <summary>Ends in good order: all outputs have been taken.</summary>
    protected void End()
    {
        if (Ended) { return; }
        Close(stopped: false);
        foreach (var (_, sender) in Inputs) { sender.ReceiverEnded(); }
        foreach (var targets in _targets)
        {
            foreach (var (queue, receiver) in targets ?? [])
            {
                queue.Ended = true;
                receiver.Poke();
            }
        }

        Device.ActorEnded(Node);
    }

    /// <summary>Hears that a receiver has ended: pending outputs find their way, and when all receivers have ended the actor ends
    /// too.</summary>
    private void ReceiverEnded()
    {
        Retired = ++_receiversEnded == _targetCount;
        Poke();
    }

    /// <summary>Takes nothing more and gives back what is held. A block that throws here fails its device, of which everything is given
    /// back all the same.</summary>
    private void Close(bool stopped)
    {
        Ended = true;
        foreach (var (queue, _) in Inputs)
        {
            var left = queue.TakeAll(stopped ? "lost" : "after-end");
            Guarded(() => EdgeQueue.EndAll(left, processed: !stopped));
        }

        while (_pendingIndex < _pending.Count)
        {
            var (port, item) = _pending[_pendingIndex++];
            Guarded(() => Lose(port, item));
            _targetIndex = 0;
        }

        _pending.Clear();
        Guarded(Release);
    }

    /// <summary>Ends an output that never comes to those it was meant for, and counts it there.</summary>
    protected void Lose(int port, in Item item)
    {
        var rows = item.Rows;
        var targets = _targets[port];
        for (var i = _targetIndex; i < targets?.Count; i++) { targets[i].Receiver.Metrics.Dropped("lost", 1, rows); }
        item.End(processed: false);
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

    /// <summary>Gives a message to one target: itself to the last, a further handle to the others.</summary>
    private static bool TryGive(EdgeQueue queue, Actor receiver, in Item item, bool last)
    {
        if (last) { return receiver.TryReceive(queue, item); }
        var given = item.Retain();
        var taken = false;
        try
        {
            return taken = receiver.TryReceive(queue, given);
        }
        finally
        {
            if (!taken) { given.End(processed: true); }
        }
    }

    /// <summary>Moves pending outputs on, in order, each to every target of its port; false if one found no room.</summary>
    protected bool TryFlush()
    {
        if (_pending.Count == 0) { return true; }
        while (_pendingIndex < _pending.Count)
        {
            var (port, item) = _pending[_pendingIndex];
            if (_targets[port] is not { } targets)
            {
                _pendingIndex++;
                item.End(processed: true);
                continue;
            }

            while (_targetIndex < targets.Count)
            {
                var (queue, receiver) = targets[_targetIndex];
                if (!TryGive(queue, receiver, item, _targetIndex == targets.Count - 1))
                {
                    _blockedSince ??= World.Elapsed;
                    return false;
                }

                _targetIndex++;
            }

            (_targetIndex, _pendingIndex) = (0, _pendingIndex + 1);
        }

        if (_blockedSince is { } since)
        {
            Metrics.Waited((World.Elapsed - since).Ticks);
            _blockedSince = null;
        }

        _pending.Clear();
        _pendingIndex = 0;
        return true;
    }
}
