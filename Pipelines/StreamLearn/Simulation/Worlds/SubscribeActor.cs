namespace StreamLearn.Simulation;

/// <summary>A subscription over the device's downlink. Queues bounded arrivals while the next block is full, as a broker would.</summary>
internal sealed partial class SubscribeActor(VirtualDevice device, Node node) : Actor(device, node)
{
    /// <summary>Maximal queued messages; beyond, the newest is dropped as <c>link-full</c>.</summary>
    internal const int BrokerCapacity = 1000;

    private readonly PriorityQueue<MessageInTransit, (long Arrives, long Number)> _onTheWay = new();     // may overtake each other
    private readonly Queue<MessageInTransit> _arrived = [];
    private readonly Decode _decode = ((SubscribeWork)node.Work).Open(device.Levels);
    private long _number;
    private int _lost;      // number of lost ones in transit
    private long _sent;
    private readonly KnownMessages _known = new(((SubscribeWork)node.Work).Options.Capacity);
    private long _acknowledged;
    private bool _isOver;        // the last message has arrived
    private long _taken;         // arrived and processed
    private long _saved;         // of these, the number in the current checkpoint

    public override string HostFormat => "virtual-subscription/2";

    /// <summary>The server's session; null: it keeps no sent messages.</summary>
    internal ServerSession? Session { get; set; }

    internal bool Withholds =>
        Device.State is not null && Work.Options is { AfterCheckpoint: true, Durable: true };

    internal override void ReleaseSaved()
    {
        for (; _acknowledged < _saved; _acknowledged++) { Session?.Acknowledge(); }
        SendOpen();
    }

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        s.Value(ref _number);
        _known.State(ref s, leavesNewest: false);      // arrived messages are in an edge or beyond; nothing waits in between
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

    /// <summary>Sends unsent session messages within the limit of unacknowledged ones.</summary>
    internal void SendOpen()
    {
        while (Session is not null && Device.IsConnected && !Ended && Session.Sent < Work.Options.Capacity
            && Session.TrySend(out var next))
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
        finally
        {
            delivery.Payload.Release();
        }

        Ownership.PassOn(value!);
        var item = Item.Of(value!, null, _number, _number);
        _number++;
        Metrics.Gave(item.Rows);
        Out.Pending.Add((0, item));
    }
}
