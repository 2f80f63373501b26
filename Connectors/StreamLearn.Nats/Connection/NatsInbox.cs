namespace StreamLearn.Nats;

internal readonly record struct NatsMessage(Topic Topic, string Reply, byte[] Bytes, int HeaderLength, int Length,
    long Nanoseconds, long Id, bool IsRetained, bool IsRedelivered)
{
    internal HeaderBlock Headers => new(Bytes.AsSpan(0, HeaderLength));

    internal ReadOnlyMemory<byte> Payload => Bytes.AsMemory(HeaderLength, Length - HeaderLength);
}

internal struct NatsSlot
{
    internal byte[] Bytes;          // headers, then the payload
    internal string Reply;          // reply subject for its acknowledgment
    internal int HeaderLength;
    internal int Length;
    internal int Generation;
    internal int Next;              // next free slot
    internal Topic Topic;
    internal ulong Sequence;        // sequence in the stream
    internal long Since;            // milliseconds of the last message to the server about it
    internal long Nanoseconds;      // stream time, nanoseconds since 1970
    internal int Deliveries;
    internal bool IsOpen;           // waiting or in work; otherwise the server is informed, if necessary on redelivery
    internal bool IsReleased;       // its bytes were read
    internal bool IsRetained;
}

/// <summary>Received messages in reused slots, identified by slot and generation. It detects redeliveries of stream messages that are held
/// here or were acknowledged. Use it while holding the link's lock.</summary>
internal sealed class NatsInbox
{
    private const int Remembered = 16384;
    private readonly PayloadStock _stock = new();
    private readonly Queue<int> _waiting = [];
    private readonly Dictionary<ulong, int> _known = [];            // sequence → open slot
    private readonly Recent<ulong> _settled = new(Remembered);      // sequence → time: a killed server may reuse numbers
    private NatsSlot[] _slots = new NatsSlot[4];
    private int _free = -1;

    internal ref NatsSlot this[int at] => ref _slots[at];

    internal int Used { get; private set; }

    internal int Waiting => _waiting.Count;

    internal long WaitingBytes { get; private set; }

    internal int Open { get; private set; }

    internal long Received { get; set; }

    internal long Again { get; set; }

    internal long Dropped { get; set; }

    /// <summary>If the number has another time, a killed server reuses numbers; the old message is then no longer answered.</summary>
    internal bool TryKnown(ulong sequence, long nanoseconds, out int at)
    {
        if (!_known.TryGetValue(sequence, out at)) { return false; }
        if (_slots[at].Nanoseconds == nanoseconds) { return true; }
        Settle(at, isDone: true);
        return false;
    }

    internal bool WasSettled(ulong sequence, long nanoseconds) => _settled.TryFind(sequence, out var time) && time == nanoseconds;

    /// <summary>Compares with a tolerance, because a time parsed from text is less exact.</summary>
    internal bool WasSettled(ulong sequence, DateTimeOffset time) => _settled.TryFind(sequence, out var nanoseconds)
        && nanoseconds / TimeSpan.NanosecondsPerTick == (time - DateTimeOffset.UnixEpoch).Ticks;

    internal int Add(Topic topic, in NatsFrame message, in NatsDelivery delivery, long now, bool isTracked)
    {
        var at = Rent();
        ref var slot = ref _slots[at];
        slot = new()
        {
            Bytes = _stock.Rent(message.Length),
            Reply = message.ReplyTo,
            HeaderLength = message.HeaderLength,
            Length = message.Length,
            Generation = slot.Generation,
            Topic = topic,
            Sequence = delivery.StreamSequence,
            Nanoseconds = delivery.Nanoseconds,
            Since = now,
            Deliveries = (int)Math.Min(int.MaxValue, delivery.Delivered),
            IsOpen = true,
        };
        message.CopyTo(slot.Bytes);
        if (isTracked) { _known[delivery.StreamSequence] = at; }
        Open++;
        return at;
    }

    internal void Deliver(int at)
    {
        _waiting.Enqueue(at);
        WaitingBytes += _slots[at].Length;
    }

    internal bool TryTake(out int at)
    {
        if (!_waiting.TryDequeue(out at)) { return false; }
        WaitingBytes -= _slots[at].Length;
        return true;
    }

    internal NatsMessage Message(int at)
    {
        ref var slot = ref _slots[at];
        return new(slot.Topic, slot.Reply, slot.Bytes, slot.HeaderLength, slot.Length, slot.Nanoseconds,
            ((long)slot.Generation << 32) | (uint)at, slot.IsRetained, slot.Deliveries > 1);
    }

    internal bool TryFind(long id, out int at)
    {
        at = (int)(uint)id;
        return at < Used && _slots[at].Generation == (int)(id >> 32);
    }

    internal void Release(int at)
    {
        ref var slot = ref _slots[at];
        if (slot.IsReleased) { return; }
        slot.IsReleased = true;
        _stock.Return(slot.Bytes);
        slot.Bytes = [];
        if (!slot.IsOpen) { Forget(at); }
    }

    internal void Settle(int at, bool isDone)
    {
        ref var slot = ref _slots[at];
        if (!slot.IsOpen) { return; }
        Open--;
        if (_known.Remove(slot.Sequence) && isDone) { _settled.Set(slot.Sequence, slot.Nanoseconds); }
        slot.IsOpen = false;
        if (slot.IsReleased) { Forget(at); }
    }

    /// <summary>Returns the lowest unsettled number; the maximum value if there is none.</summary>
    internal ulong LowestOpen()
    {
        var lowest = ulong.MaxValue;
        foreach (ref var slot in _slots.AsSpan(0, Used))
        {
            if (slot.IsOpen) { lowest = Math.Min(lowest, slot.Sequence); }
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

        if (Used == _slots.Length) { Array.Resize(ref _slots, Used * 2); }
        return Used++;
    }

    private void Forget(int at)
    {
        ref var slot = ref _slots[at];
        slot = new() { Bytes = [], Reply = "", Generation = slot.Generation + 1, Next = _free };
        _free = at;
    }
}
