namespace StreamLearn.Simulation;

/// <summary>A subscription over the device's downlink. What arrives while the next block is full waits, up to a bound, as it would at a
/// broker.</summary>
internal sealed class SubscribeActor(VirtualDevice device, Node node) : Actor(device, node)
{
    /// <summary>Messages that wait for a subscriber at most; beyond, the newest is dropped and counted <c>link-full</c>.</summary>
    internal const int BrokerCapacity = 1000;

    private readonly Queue<Payload> _onTheWay = [];
    private readonly Queue<Payload> _arrived = [];
    private long _number;

    internal SubscribeWork Work { get; } = (SubscribeWork)node.Work;

    /// <summary>True once the subscription has been asked to end.</summary>
    internal bool Ending { get; private set; }

    /// <summary>Messages on their way or waiting for the next block.</summary>
    internal int Waiting => _onTheWay.Count + _arrived.Count;

    internal override bool Waits => base.Waits || Waiting > 0;

    private string TooLate => Device.Stopped ? "lost" : "after-end";

    internal void Send(Payload payload)
    {
        if (Ended || Waiting >= BrokerCapacity)
        {
            Metrics.Dropped(Ended ? TooLate : "link-full", 1, 0);
            return;
        }

        payload.Retain();
        var at = Device.Down.Send(World.Elapsed, payload.Length) + Device.Link.Delay;
        if (at == World.Elapsed && _onTheWay.Count == 0)
        {
            _arrived.Enqueue(payload);
            Poke();
            return;
        }

        _onTheWay.Enqueue(payload);
        World.At(at, EventKind.Arrival, this);
    }

    /// <summary>Ends the subscription when what is on its way has been handed in.</summary>
    internal void EndWhenEmpty()
    {
        Ending = true;
        Poke();
    }

    protected override void Happened(EventKind kind)
    {
        var payload = _onTheWay.Dequeue();
        if (Ended)
        {
            Metrics.Dropped(TooLate, 1, 0);
            payload.Release();
            return;
        }

        _arrived.Enqueue(payload);
        Poke();
    }

    protected override void Advance()
    {
        while (_arrived.TryDequeue(out var payload))
        {
            Arrive(payload);
            if (!TryFlush()) { return; }
        }

        if (Ending && _onTheWay.Count == 0) { End(); }
    }

    protected override void Release()
    {
        while (_arrived.TryDequeue(out var payload))
        {
            payload.Release();
            Metrics.Dropped(TooLate, 1, 0);
        }
    }

    private void Arrive(Payload payload)
    {
        var length = payload.Length;
        World.Trace(Device, Node, "arrive", length);
        object? value = null;
        try
        {
            if (length <= Work.Options.MaxPayloadBytes) { value = Work.Decode(payload.Sequence, World.Pool); }
        }
        finally
        {
            payload.Release();
        }

        if (value is null)
        {
            Metrics.Dropped(length > Work.Options.MaxPayloadBytes ? "oversized" : "malformed", 1, 0);
            return;
        }

        var item = Item.Of(value, null, _number, _number);
        _number++;
        Metrics.Gave(item.Rows);
        Pending.Add((0, item));
    }
}
