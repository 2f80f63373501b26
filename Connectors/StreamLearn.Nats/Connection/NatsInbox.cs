namespace StreamLearn.Nats;

/// <summary>What becomes of a message for which a subscription has no space.</summary>
internal enum NatsOverflow
{
    /// <summary>The oldest that waits makes way.</summary>
    DropOldest,

    /// <summary>It is dropped itself.</summary>
    DropNewest,
}

/// <summary>Messages of a subscription, in slots that are used again and again: a message is known by its slot and the slot's generation.
/// Locked by its connection.</summary>
/// <remarks>Bounded in messages and in bytes; what does not fit is dropped and counted. Nothing is allocated for a message in steady
/// state.</remarks>
internal sealed class NatsInbox
{
    private readonly PayloadStock _stock = new();
    private readonly int _capacity;
    private readonly long _maxBytes;
    private readonly NatsOverflow _overflow;
    private readonly int[] _queue;          // slots of messages that wait, the oldest at _first
    private Slot[] _slots = new Slot[4];
    private int _first;
    private int _used;
    private int _free = -1;
    private long _sequence;
    private long _bytes;

    /// <param name="capacity">Messages that wait at most.</param>
    /// <param name="maxBytes">Their bytes at most; one message fits in any case.</param>
    /// <param name="overflow">What becomes of more.</param>
    internal NatsInbox(int capacity, long maxBytes, NatsOverflow overflow) =>
        (_capacity, _maxBytes, _overflow, _queue) = (capacity, maxBytes, overflow, new int[capacity]);

    /// <summary>Messages that wait.</summary>
    internal int Waiting { get; private set; }

    /// <summary>Messages that were handed out and not released.</summary>
    internal int Held { get; private set; }

    /// <summary>Messages that have come.</summary>
    internal long Received { get; private set; }

    /// <summary>Messages that were dropped because there was no space.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Keeps a message that has come.</summary>
    /// <returns>False: it or another one was dropped.</returns>
    internal bool Add(Topic topic, ReadOnlySpan<byte> reply, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        Received++;
        var length = reply.Length + headers.Length + payload.Length;
        var fits = true;
        while (Waiting == _capacity || (Waiting > 0 && _bytes + length > _maxBytes))
        {
            Dropped++;
            fits = false;
            if (_overflow == NatsOverflow.DropNewest) { return false; }
            Forget(Dequeue());
        }

        var at = Rent();
        var bytes = _stock.Rent(length);
        reply.CopyTo(bytes);
        headers.CopyTo(bytes.AsSpan(reply.Length));
        payload.CopyTo(bytes.AsSpan(reply.Length + headers.Length));
        ref var slot = ref _slots[at];
        slot = new()
        {
            Bytes = bytes,
            ReplyLength = reply.Length,
            HeaderLength = headers.Length,
            Length = length,
            Topic = topic,
            Sequence = _sequence++,
            Generation = slot.Generation,
        };
        _queue[(_first + Waiting) % _capacity] = at;
        Waiting++;
        _bytes += length;
        return fits;
    }

    /// <summary>Takes the oldest message that waits.</summary>
    internal bool TryTake(out NatsMessage message)
    {
        message = default;
        if (Waiting == 0) { return false; }
        var at = Dequeue();
        Held++;
        message = Message(at);
        return true;
    }

    /// <summary>A message that was not released; false: it was.</summary>
    internal bool TryFind(long id, out NatsMessage message)
    {
        var at = (int)(uint)id;
        var isThere = at < _used && _slots[at].Generation == (int)(id >> 32) && _slots[at].Bytes is not null;
        message = isThere ? Message(at) : default;
        return isThere;
    }

    /// <summary>Takes a message's memory back.</summary>
    internal void Release(long id)
    {
        if (!TryFind(id, out _)) { return; }
        Held--;
        Forget((int)(uint)id);
    }

    private NatsMessage Message(int at)
    {
        ref var slot = ref _slots[at];
        return new(slot.Topic, slot.Bytes!, slot.ReplyLength, slot.HeaderLength, slot.Length, slot.Sequence,
            ((long)slot.Generation << 32) | (uint)at);
    }

    private int Dequeue()
    {
        var at = _queue[_first];
        _first = (_first + 1) % _capacity;
        Waiting--;
        _bytes -= _slots[at].Length;
        return at;
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
        _stock.Return(slot.Bytes!);
        slot = new() { Generation = slot.Generation + 1, Next = _free };
        _free = at;
    }

    private struct Slot
    {
        internal byte[]? Bytes;
        internal Topic Topic;
        internal long Sequence;
        internal int ReplyLength;
        internal int HeaderLength;
        internal int Length;
        internal int Generation;
        internal int Next;              // of the free slots
    }
}
