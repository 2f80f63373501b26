namespace StreamLearn.Simulation;

/// <summary>A publication over the device's uplink, one message at a time.</summary>
internal sealed class PublishActor(VirtualDevice device, Node node) : Actor(device, node)
{
    private readonly Queue<Payload> _onTheWay = [];
    private readonly Func<object, Topic> _topicOf = ((PublishWork)node.Work).Topic.Open();
    private bool _sending;
    private bool _cut;
    private int _lost;      // of those on their way
    private int _next;
    private long _letters;

    /// <inheritdoc />
    public override string HostFormat => "virtual-publication/1";

    internal PublishWork Work { get; } = (PublishWork)node.Work;

    /// <summary>Messages that have not arrived yet, also of a device that has stopped.</summary>
    internal int OnTheWay => _onTheWay.Count - _lost;

    /// <summary>What is on its way never arrives.</summary>
    internal void LoseConnection()
    {
        if (OnTheWay > 0) { Metrics.Dropped("lost", OnTheWay, 0); }
        _lost = _onTheWay.Count;
    }

    protected override void Advance()
    {
        while (!_sending)
        {
            var took = false;
            for (var i = 0; i < Inputs.Count && !took && Device.IsConnected; i++)
            {
                var input = Inputs[_next];
                _next = _next + 1 == Inputs.Count ? 0 : _next + 1;
                took = input.TryTake(out var item);
                if (took) { Send(item); }
            }

            if (!Out.TryFlush()) { return; }
            if (took) { continue; }
            if (_onTheWay.Count == 0 && Inputs.TrueForAll(static i => i.HasEnded)) { End(); }
            return;
        }
    }

    protected override void Happened(EventKind kind)
    {
        if (kind == EventKind.Sent) { _sending = false; }
        else
        {
            var payload = _onTheWay.Dequeue();
            var lost = _lost > 0 || (_cut && _onTheWay.Count == 0);
            _lost -= _lost > 0 ? 1 : 0;
            if (lost) { payload.Release(); }
            else { Deliver(payload); }
        }

        Wake();
    }

    /// <summary>A message whose last bit has not left when its device stops never arrives.</summary>
    protected override void Release()
    {
        _cut = _sending && OnTheWay > 0;        // else it is lost already
        if (_cut) { Metrics.Dropped("lost", 1, 0); }
        World.PublishersEnded++;
    }

    private void Send(in Item item)
    {
        Payload payload;
        try
        {
            Metrics.Took(item.Rows);
            payload = World.Payloads.Encode(Work, _topicOf(item.Value), item.Value);
        }
        catch (Exception e) when (Node.Errors.Action != ErrorAction.Fail)
        {
            SetAside(item, e);
            return;
        }
        finally
        {
            item.End(processed: true);
        }

        Metrics.Add("bytes-published", payload.Length);
        World.Trace.Write(Device, Node, "publish", payload.Length);
        var sent = Device.Up.Send(World.Elapsed, payload.Length);
        var arrives = sent + Device.Link.Delay;
        if (arrives == World.Elapsed && _onTheWay.Count == 0)
        {
            Deliver(payload);
            return;
        }

        _sending = true;
        _onTheWay.Enqueue(payload);
        World.At(sent, EventKind.Sent, this);
        World.At(arrives, EventKind.Arrival, this);
    }

    private void SetAside(in Item item, Exception failure)
    {
        Metrics.Threw();
        var skip = Node.Errors.Action == ErrorAction.Skip;
        Metrics.Dropped(skip ? "error" : "dead-letter", 1, item.Rows);
        if (!skip) { Out.Pending.Add((Ports.DeadLetters, item.ToLetter(Node, failure, World.Now, _letters++))); }
    }

    private void Deliver(Payload payload) => ((WorldTransport)Work.Transport).Deliver(payload, Work.Options.Retain);
}
