using System.Buffers;

namespace StreamLearn.Simulation;

/// <summary>A subscription over the device's downlink. What arrives while the next block is full waits, up to a bound, as it would at a broker.</summary>
internal sealed class SubscribeActor(VirtualDevice device, Node node) : Actor(device, node)
{
    /// <summary>Messages that wait for a subscriber at most; beyond, the newest is dropped and counted <c>link-full</c>.</summary>
    internal const int BrokerCapacity = 1000;

    private readonly Queue<byte[]> _onTheWay = [];
    private readonly Queue<byte[]> _arrived = [];
    private bool _ending;
    private long _number;

    internal SubscribeWork Work { get; } = (SubscribeWork)node.Work;

    internal void Send(byte[] payload)
    {
        if (Ended || _onTheWay.Count + _arrived.Count >= BrokerCapacity)
        {
            Metrics.Dropped(Ended ? "after-end" : "link-full", 1, 0);
            return;
        }

        var at = Device.Down.Send(World.Elapsed, payload.Length) + Device.Link.Delay;
        if (at == World.Elapsed)
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
        _ending = true;
        Poke();
    }

    protected override void Happened(EventKind kind)
    {
        var payload = _onTheWay.Dequeue();
        if (Ended)
        {
            Metrics.Dropped("after-end", 1, 0);
            return;
        }

        _arrived.Enqueue(payload);
        Poke();
    }

    protected override void Advance()
    {
        while (Pending.Count == 0 && !Ended && _arrived.TryDequeue(out var payload))
        {
            World.Trace(Device, Node, "arrive", payload.Length);
            if (payload.Length > Work.Options.MaxPayloadBytes)
            {
                Metrics.Dropped("oversized", 1, 0);
                continue;
            }

            if (Work.Decode(new ReadOnlySequence<byte>(payload), World.Pool) is not { } value)
            {
                Metrics.Dropped("malformed", 1, 0);
                continue;
            }

            var item = Item.Of(value, null, _number, _number);
            _number++;
            Metrics.Gave(item.Rows);
            Pending.Add((0, item));
            TryFlush();
        }

        if (_ending && Pending.Count == 0 && _arrived.Count == 0 && _onTheWay.Count == 0) { End(); }
    }
}
