namespace StreamLearn.Nats;

/// <summary>A message of a stream, until nobody needs to know of it.</summary>
internal struct JetSlot
{
    internal byte[] Bytes;          // headers, then the payload
    internal string Ack;            // where it is acknowledged
    internal int HeaderLength;
    internal int Length;
    internal int Generation;
    internal int Next;              // of the free slots
    internal Topic Topic;
    internal ulong Sequence;        // in the stream
    internal long Since;            // when the server was told of it last, milliseconds
    internal long Nanoseconds;      // when the stream took it: since 1970
    internal int Deliveries;
    internal JetFate Fate;
    internal bool IsReleased;       // its bytes are read
    internal bool IsRetained;
    internal bool IsRedelivered;
}

/// <summary>What became of a message.</summary>
internal enum JetFate : byte
{
    /// <summary>The slot is free.</summary>
    None,

    /// <summary>It waits, or the application works on it.</summary>
    Open,

    /// <summary>The application is done with it, and the server was not told: there was no connection.</summary>
    Acknowledged,

    /// <summary>The server knows.</summary>
    Settled,
}

/// <summary>
/// Messages of a stream that have come: waiting, with the application, or acknowledged while there was no connection. A message that comes
/// again while it is here is not delivered twice; nor is one that was acknowledged before. Locked by its link.
/// </summary>
internal sealed class JetInbox
{
    private readonly PayloadStock _stock = new();
    private readonly Queue<int> _waiting = [];
    private readonly Dictionary<ulong, int> _known = [];            // sequence → slot: open, or acknowledged and not told
    private readonly SettledMessages _settled = new();              // acknowledged
    private JetSlot[] _slots = new JetSlot[4];
    private int _used;
    private int _free = -1;

    internal ref JetSlot this[int at] => ref _slots[at];

    /// <summary>Slots that were ever used.</summary>
    internal int Used => _used;

    /// <summary>Messages that wait.</summary>
    internal int Waiting => _waiting.Count;

    /// <summary>Messages that are not settled: they use credit.</summary>
    internal int Open { get; private set; }

    /// <summary>The slot of a message of the stream that is not settled. One that has its number and another time is of a server that was
    /// killed and gives its numbers anew: nothing more is said of it.</summary>
    internal bool TryKnown(ulong sequence, long nanoseconds, out int at)
    {
        if (!_known.TryGetValue(sequence, out at)) { return false; }
        if (_slots[at].Nanoseconds == nanoseconds) { return true; }
        Settle(at, isDone: true);
        return false;
    }

    /// <summary>True if a message was acknowledged, and is not long forgotten.</summary>
    internal bool WasSettled(ulong sequence, long nanoseconds) => _settled.Contains(sequence, nanoseconds);

    /// <inheritdoc cref="WasSettled(ulong, long)" />
    internal bool WasSettled(ulong sequence, DateTimeOffset time) => _settled.Contains(sequence, time);

    /// <summary>Keeps a message that has come.</summary>
    internal int Add(Topic topic, in NatsFrame message, in NatsDelivery delivery, long now, bool isTracked)
    {
        var at = Rent();
        var length = message.Length;
        ref var slot = ref _slots[at];
        slot = new()
        {
            Bytes = _stock.Rent(length),
            Ack = message.ReplyTo,
            HeaderLength = message.HeaderLength,
            Length = length,
            Generation = slot.Generation,
            Topic = topic,
            Sequence = delivery.StreamSequence,
            Nanoseconds = delivery.Nanoseconds,
            Since = now,
            Fate = JetFate.Open,
        };
        message.CopyTo(slot.Bytes);
        if (isTracked) { _known[delivery.StreamSequence] = at; }

        _waiting.Enqueue(at);
        Open++;
        return at;
    }

    /// <summary>It came again: it is acknowledged where it came last.</summary>
    internal void Again(int at, string ack, long now) => (_slots[at].Ack, _slots[at].Since) = (ack, now);

    /// <summary>Takes the newest message away again, unseen.</summary>
    internal void TakeBack(int at)
    {
        for (var left = _waiting.Count; left > 0; left--)
        {
            var waiting = _waiting.Dequeue();
            if (waiting != at) { _waiting.Enqueue(waiting); }
        }

        Settle(at, isDone: false);
        Release(at);
    }

    internal bool TryTake(out int at) => _waiting.TryDequeue(out at);

    /// <summary>The message of a slot, as the application gets it.</summary>
    internal JetMessage Message(int at)
    {
        ref var slot = ref _slots[at];
        return new(slot.Topic, slot.Bytes, slot.HeaderLength, slot.Length, slot.Nanoseconds,
            ((long)slot.Generation << 32) | (uint)at, slot.IsRetained, slot.IsRedelivered);
    }

    internal bool TryFind(long id, out int at)
    {
        at = (int)(uint)id;
        return at < _used && _slots[at].Generation == (int)(id >> 32) && _slots[at].Fate != JetFate.None;
    }

    /// <summary>The bytes of a message are not needed any more.</summary>
    internal void Release(int at)
    {
        ref var slot = ref _slots[at];
        if (slot.IsReleased) { return; }
        slot.IsReleased = true;
        _stock.Return(slot.Bytes);
        slot.Bytes = [];
        if (slot.Fate == JetFate.Settled) { Forget(at); }
    }

    /// <summary>The server knows what became of a message.</summary>
    /// <param name="at">Its slot.</param>
    /// <param name="isDone">True: it was acknowledged, and is not delivered if it comes again.</param>
    internal void Settle(int at, bool isDone)
    {
        ref var slot = ref _slots[at];
        if (slot.Fate is JetFate.None or JetFate.Settled) { return; }
        Open--;
        if (_known.Remove(slot.Sequence) && isDone) { _settled.Add(slot.Sequence, slot.Nanoseconds); }
        slot.Fate = JetFate.Settled;
        if (slot.IsReleased) { Forget(at); }
    }

    /// <summary>The lowest number of those that are not settled; the highest there is: all are.</summary>
    internal ulong LowestOpen()
    {
        var lowest = ulong.MaxValue;
        for (var at = 0; at < _used; at++)
        {
            if (_slots[at].Fate is JetFate.Open) { lowest = Math.Min(lowest, _slots[at].Sequence); }
        }

        return lowest;
    }

    private int Rent()
    {
        if (_free >= 0)
        {
            var at = _free;
            _free = _slots[at].Next;
            return at;
        }

        if (_used == _slots.Length) { Array.Resize(ref _slots, _used * 2); }
        return _used++;
    }

    private void Forget(int at)
    {
        ref var slot = ref _slots[at];
        slot = new() { Bytes = [], Ack = "", Generation = slot.Generation + 1, Next = _free };
        _free = at;
    }
}
