namespace StreamLearn.Simulation;

/// <summary>A subscription over the downlink of a device. While the next block is full, it queues a limited number of arrivals.</summary>
internal sealed class SubscribeActor(VirtualDevice device, Node node) : Actor(device, node)
{
    /// <summary>Maximum number of queued messages; if there are more, the newest is dropped as <c>link-full</c>.</summary>
    internal const int BrokerCapacity = 1000;

    private readonly PriorityQueue<MessageInTransit, (long Arrives, long Number)> _onTheWay = new();     // they may overtake each other
    private readonly Queue<MessageInTransit> _arrived = [];
    private readonly Decode _decode = ((SubscribeWork)node.Work).Open(device.Levels);
    private long _number;
    private int _lost;      // number of lost messages in transit
    private long _sent;
    private readonly KnownMessages _known = new(((SubscribeWork)node.Work).Options.Capacity);
    private long _acknowledged;
    private bool _isOver;        // true if the last message has arrived
    private long _taken;         // number of messages that arrived and were processed
    private long _saved;         // of these, the number in the current checkpoint

    internal override string HostFormat => "virtual-subscription/2";

    /// <summary>Null if the server keeps no sent messages.</summary>
    internal ServerSession? Session { get; set; }

    internal bool Withholds => Device.State is not null && Work.Options is { AfterCheckpoint: true, Durable: true };

    internal override void ReleaseSaved()
    {
        for (; _acknowledged < _saved; _acknowledged++) { Session?.Acknowledge(); }
        SendOpen();
    }

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        s.Value(ref _number);
        _known.State(ref s, leavesNewest: false);      // messages that have arrived are on an edge or beyond it; none waits before it
        if (s.IsWriting) { _saved = _taken; }
    }

    internal SubscribeWork Work { get; } = (SubscribeWork)node.Work;

    internal bool Ending { get; private set; }

    internal int Waiting => _onTheWay.Count - _lost + _arrived.Count;

    internal override bool Waits => base.Waits || Waiting > 0;

    private string TooLate => Device.Stopped ? "lost" : "after-end";

    internal TimeSpan Send(MessageInTransit delivery)
    {
        if (Session is null || (Ended && !Device.Stopped)) { return Transfer(delivery); }
        if (Session.Count >= BrokerCapacity)
        {
            Metrics.Dropped("link-full", 1, 0);
            return World.Elapsed;
        }

        Session.Add(delivery);
        SendOpen();
        return World.Elapsed;
    }

    /// <summary>Sends the messages of the session that were not sent yet, up to the limit of unacknowledged ones.</summary>
    internal void SendOpen()
    {
        while (Session is not null && Device.IsConnected && !Ended && Session.Sent < Work.Options.Capacity && Session.TrySend(out var next))
        {
            Transfer(next);
        }
    }

    private TimeSpan Transfer(MessageInTransit delivery)
    {
        var now = World.Elapsed;
        if (Ended || !Device.IsConnected || Waiting >= BrokerCapacity)
        {
            Metrics.Dropped(Ended ? TooLate : Device.IsConnected ? "link-full" : "lost", 1, 0);
            return now;
        }

        delivery.Payload.Retain();
        var (leaves, arrives) = Carry(delivery);
        if (arrives == now && _onTheWay.Count == 0)
        {
            Take(delivery);
            return now;
        }

        Travel(delivery with
        {
            Leaves = leaves,
            Arrives = arrives,
            Connection = Device.Connects,
            SenderConnection = Session is null ? delivery.Sender?.Connects ?? 0 : 0,
        });
        World.At(arrives, EventKind.Arrival, this);
        return leaves;
    }

    private void Travel(in MessageInTransit delivery) => _onTheWay.Enqueue(delivery, (delivery.Arrives.Ticks, _sent++));

    private (TimeSpan Leaves, TimeSpan Arrives) Carry(in MessageInTransit delivery)
    {
        var (now, bytes) = (World.Elapsed, delivery.Payload.Length);
        if (((WorldTransport)Work.Transport).IsLocal) { return (now, now); }
        if (delivery.Sender is { } sender) { return World.Network.Between(sender.Name, Device.Name)!.Send(sender, Device, now, bytes); }
        var (_, sent, arrives) = Device.Down.Send(now, bytes, World.Network.MediaOf(Device.Name));
        return (sent, arrives);
    }

    private void Take(in MessageInTransit delivery)
    {
        Session?.Arrived(delivery.Payload);
        _arrived.Enqueue(delivery);
        Wake();
    }

    internal void LoseConnection()
    {
        Session?.Lose(_onTheWay.Count - _lost);
        if (Session is null && _onTheWay.Count > _lost) { Metrics.Dropped("lost", _onTheWay.Count - _lost, 0); }
        _lost = _onTheWay.Count;
    }

    internal void EndWhenEmpty()
    {
        Ending = true;
        Wake();
    }

    protected override void Happened(EventKind kind)
    {
        var delivery = _onTheWay.Dequeue();
        var lost = !Device.IsConnected || delivery.Connection != Device.Connects;
        if (!lost && !Ended && !delivery.IsLostWithSender)
        {
            Take(delivery);
            return;
        }

        if (lost) { _lost--; }
        else { Metrics.Dropped(Ended ? TooLate : "lost", 1, 0); }
        delivery.Payload.Release();
        Wake();
    }

    protected override void Advance()
    {
        while (_arrived.TryDequeue(out var delivery))
        {
            Arrive(delivery);
            if (!Out.TryFlush()) { return; }
            if (_isOver) { break; }
        }

        if (_isOver || (Ending && _onTheWay.Count == 0)) { End(); }
    }

    protected override void Release()
    {
        while (_arrived.TryDequeue(out var delivery))
        {
            delivery.Payload.Release();
            Metrics.Dropped(TooLate, 1, 0);
        }
    }

    private void Arrive(in MessageInTransit delivery)
    {
        World.Trace.Write(Device, Node, "arrive", delivery.Payload.Length);
        object? value;
        try
        {
            _taken++;
            if (Session is not null)
            {
                Device.State!.Want();
                var origin = _known.Of(delivery.Payload.Origin, delivery.Topic);
                if (_known.Contains(origin))
                {
                    Metrics.Dropped("duplicate", 1, 0);
                    return;
                }

                _known.Add(origin);
            }

            var received = new Received(delivery.Topic, delivery.Payload.Sequence, delivery.IsRetained, delivery.Payload.Properties,
                origin: delivery.Payload.Origin);
            if (Work.TryRead(Node.Declared, _decode, received, World.Pool, out value) is { } reason)
            {
                if (reason == SubscribeWork.End) { _isOver = true; }
                else { Metrics.Dropped(reason, 1, 0); }
                return;
            }
        }
        finally { delivery.Payload.Release(); }

        Ownership.PassOn(value!);
        var item = Item.Of(value!, null, _number, _number);
        _number++;
        Metrics.Gave(item.Rows);
        Out.Pending.Add((0, item));
    }

    internal override string WorldFormat => "world-subscribe/2";

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _number);
        s.Value(ref _lost, 0, int.MaxValue);
        Ending = s.Value(Ending);
        List<MessageInTransit> onTheWay =
            s.IsReading ? [] : [.. _onTheWay.UnorderedItems.OrderBy(static m => m.Priority).Select(static m => m.Element)];
        s.Items(onTheWay, int.MaxValue, with, MessageInTransit.State);
        if (s.IsReading) { onTheWay.ForEach(m => Travel(m)); }
        s.Items(_arrived, int.MaxValue, with, MessageInTransit.State);
    }
}
