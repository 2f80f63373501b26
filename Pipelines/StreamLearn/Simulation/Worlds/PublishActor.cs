namespace StreamLearn.Simulation;

internal sealed class PublishActor(VirtualDevice device, Node node) : Actor(device, node)
{
    private readonly Queue<Payload> _onTheWay = [];
    private readonly HeldQueue<Payload> _held = new();      // messages that wait for a checkpoint
    private readonly string _source = $"{device.Name}/{node.Name}";
    private long _sequence;
    private readonly Func<object, Topic> _topicOf = ((PublishWork)node.Work).Topic.Open();
    private bool _sending;
    private TimeSpan? _leaves;       // when the last bit to the server leaves; null: it has left
    private Payload? _direct;       // payload that leaves over links between devices
    private bool _cut;
    private int _lost;      // number of lost messages in transit
    private int _next;
    private long _letters;

    internal override string HostFormat => "virtual-publication/1";

    internal override bool Waits => base.Waits || _held.Count > 0;

    private bool Holds => Device.State is not null && Work.WaitsForCheckpoint;

    internal override void ReleaseSaved()
    {
        _held.Release();
        Wake();
    }

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        s.Value(ref _sequence);
        s.Value(ref _letters);
        List<Payload> open = s.IsReading ? [] : [.. _onTheWay.Skip(_lost), .. Unsent(), .. _held];
        s.Items(open, int.MaxValue, World.Payloads, PayloadTable.Saved);
        if (s.IsReading) { open.ForEach(_held.Add); }
        _held.Save();
        if (s.IsReading) { _held.Release(); }     // they are in the state from which the device resumes
    }

    internal PublishWork Work { get; } = (PublishWork)node.Work;

    internal int OnTheWay => _onTheWay.Count - _lost;

    internal void LoseConnection()
    {
        if (OnTheWay > 0) { Metrics.Dropped("lost", OnTheWay, 0); }
        _lost = _onTheWay.Count;
        ForgetDirect();
    }

    protected override void Advance()
    {
        while (!_sending)
        {
            var took = false;
            if (Device.IsConnected && _held.MayGo && _held.TryTake(out var released))
            {
                Send(released);
                took = true;
            }
            for (var i = 0; i < Inputs.Count && !took && Device.IsConnected && _held.Count < Work.Window; i++)
            {
                var input = Inputs[_next];
                _next = _next + 1 == Inputs.Count ? 0 : _next + 1;
                took = input.TryTake(out var item);
                if (took) { Send(item); }
            }

            if (!Out.TryFlush()) { return; }
            if (took) { continue; }
            if (_onTheWay.Count == 0 && _held.Count == 0 && Inputs.TrueForAll(static i => i.HasEnded)) { End(); }
            return;
        }
    }

    protected override void Happened(EventKind kind)
    {
        if (kind == EventKind.Sent)
        {
            (_sending, _leaves) = (false, null);
            ForgetDirect();
        }
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

    /// <summary>A message whose last bit has not left is lost.</summary>
    protected override void Release()
    {
        _cut = _sending && OnTheWay > 0 && _leaves >= World.Elapsed;        // otherwise the message has left or is already lost
        if (_cut) { Metrics.Dropped("lost", 1, 0); }
        if (_held.Count > 0) { Metrics.Dropped("lost", _held.Count, 0); }
        while (_held.TryTake(out var payload)) { payload.Release(); }
        ForgetDirect();
        World.PublishersEnded++;
    }

    private void Send(in Item item)
    {
        if (Work.Refusal(Node.Name, item.Value) is { } refusal)
        {
            Metrics.Took(item.Rows);
            SetAside(item, refusal, "privacy", "privacy");
            item.End(processed: true);
            return;
        }

        Payload payload;
        try
        {
            Metrics.Took(item.Rows);
            var origin = new MessageOrigin(_source, _sequence, Device.Epoch);
            payload = World.Payloads.Encode(Work, _topicOf(item.Value), item.Value, origin);
            _sequence++;
        }
        catch (Exception e) when (Node.Errors.Action != ErrorAction.Fail)
        {
            Metrics.Threw();
            SetAside(item, e, "error", "dead-letter");
            return;
        }
        finally { item.End(processed: true); }

        if (!Holds)
        {
            Send(payload);
            return;
        }

        _held.Add(payload);
        if (_held.Count * 2 >= Work.Window) { Device.State!.Start(); }
        else { Device.State!.Want(); }
    }

    private void Send(Payload payload)
    {
        Metrics.Add("bytes-published", payload.Length);
        World.Trace.Write(Device, Node, "publish", payload.Length);
        var transport = (WorldTransport)Work.Transport;
        var (leaves, byServer) = transport.SendOverLinks(payload, Device, Work.Options.Retain);
        if (leaves > World.Elapsed) { Keep(payload); }
        if (!byServer)
        {
            payload.Release();
            Await(leaves);
            return;
        }

        var (_, sent, arrives) = transport.IsLocal
            ? (World.Elapsed, World.Elapsed, World.Elapsed)
            : Device.Up.Send(World.Elapsed, payload.Length, World.Network.MediaOf(Device.Name));
        if (arrives == World.Elapsed && _onTheWay.Count == 0)
        {
            Deliver(payload);
            Await(leaves);
            return;
        }

        _sending = true;
        _leaves = sent;
        _onTheWay.Enqueue(payload);
        World.At(sent > leaves ? sent : leaves, EventKind.Sent, this);
        World.At(arrives, EventKind.Arrival, this);
    }

    private void Keep(Payload payload)
    {
        payload.Retain();
        _direct = payload;
    }

    private void ForgetDirect()
    {
        _direct?.Release();
        _direct = null;
    }

    /// <summary>Returns messages that are still on direct links and not also on the way to the server.</summary>
    private IEnumerable<Payload> Unsent() => _direct is null || _onTheWay.Contains(_direct) ? [] : [_direct];

    /// <summary>Blocks sending until a message has left over all direct links.</summary>
    private void Await(TimeSpan leaves)
    {
        if (leaves <= World.Elapsed) { return; }
        _sending = true;
        World.At(leaves, EventKind.Sent, this);
    }

    private void SetAside(in Item item, Exception failure, string dropped, string sentAside)
    {
        var becomesLetter = Node.Errors.Action == ErrorAction.DeadLetter;
        Metrics.Dropped(becomesLetter ? sentAside : dropped, 1, item.Rows);
        if (becomesLetter) { Out.Pending.Add((Ports.DeadLetters, item.ToLetter(Node, failure, World.Now, _letters++))); }
    }

    private void Deliver(Payload payload) => ((WorldTransport)Work.Transport).Deliver(payload, Device, Work.Options.Retain);

    internal override string WorldFormat => "world-publish/2";

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        s.Value(ref _sequence);
        s.Value(ref _letters);
        s.Value(ref _sending);
        s.Value(ref _leaves);
        if (s.Value(_direct is not null)) { _direct = with.Payloads.State(ref s, _direct); }
        s.Value(ref _cut);
        s.Value(ref _lost, 0, int.MaxValue);
        s.Value(ref _next, 0, Math.Max(0, Inputs.Count - 1));
        s.Items(_onTheWay, int.MaxValue, with.Payloads,
            static (ref StateStream s, ref Payload payload, PayloadTable payloads) => payload = payloads.State(ref s, payload));
    }
}
