namespace StreamLearn.Simulation;

/// <summary>One block in the virtual world: the twin of a stage of the dataflow host, on one thread.</summary>
internal abstract class Actor(VirtualDevice device, Node node)
{
    private readonly List<(int Port, Item Item)> _pending = [];
    private TimeSpan? _blockedSince;
    private int _pendingIndex;
    private int _targetIndex;

    internal Node Node { get; } = node;

    internal VirtualDevice Device { get; } = device;

    internal BlockMetrics Metrics { get; } = device.Metrics.Add(node.Name);

    internal List<(EdgeQueue Queue, Actor Sender)> Inputs { get; } = [];

    internal Dictionary<int, List<(EdgeQueue Queue, Actor Receiver)>> Targets { get; } = [];

    internal bool Ended { get; private set; }

    protected VirtualWorld World => Device.World;

    protected List<(int Port, Item Item)> Pending => _pending;

    /// <summary>Lets the actor look for something to do, now or at a later time. What it throws stops its device, no other.</summary>
    internal void Poke()
    {
        try
        {
            Advance();
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
    internal void Fail(Exception cause) => Device.Fail(cause as BlockFailedException ?? new(Device.Name, Node.Name, Metrics.ItemsIn, cause));

    /// <summary>Stops at once and gives back what is held.</summary>
    internal void Stop()
    {
        if (Ended) { return; }
        Ended = true;
        foreach (var (queue, _) in Inputs) { queue.Clear(processed: false); }
        for (var i = _pendingIndex; i < _pending.Count; i++) { _pending[i].Item.End(processed: false); }
        _pending.Clear();
        Release();
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

    protected abstract void Advance();

    protected virtual void Happened(EventKind kind) { }

    protected virtual void Release() { }

    protected static bool TryTake((EdgeQueue Queue, Actor Sender) input, out Item item)
    {
        if (!input.Queue.TryTake(out item)) { return false; }
        if (input.Queue.SenderWaits)
        {
            input.Queue.SenderWaits = false;
            if (input.Sender.TryFlush()) { input.Sender.Poke(); }
        }

        return true;
    }

    /// <summary>Moves pending outputs on; false if one found no room.</summary>
    protected bool TryFlush()
    {
        while (_pendingIndex < _pending.Count)
        {
            var (port, item) = _pending[_pendingIndex];
            if (!Targets.TryGetValue(port, out var targets))
            {
                item.End(processed: true);
                _pendingIndex++;
                continue;
            }

            while (_targetIndex < targets.Count)
            {
                var (queue, receiver) = targets[_targetIndex];
                var last = _targetIndex == targets.Count - 1;
                var given = last ? item : item.Retain();
                if (!receiver.TryReceive(queue, given))
                {
                    if (!last) { given.End(processed: true); }
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

    protected void End()
    {
        if (Ended) { return; }
        Ended = true;
        foreach (var (queue, _) in Inputs) { queue.Clear(processed: true); }
        Release();
        foreach (var (queue, receiver) in Targets.Values.SelectMany(t => t))
        {
            queue.Ended = true;
            if (!receiver.Ended) { receiver.Poke(); }
        }

        foreach (var (_, sender) in Inputs)
        {
            if (!sender.Ended && sender.Targets.Values.All(t => t.TrueForAll(r => r.Receiver.Ended))) { sender.End(); }
        }

        Device.ActorEnded();
    }
}
