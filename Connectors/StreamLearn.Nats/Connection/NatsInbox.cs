namespace StreamLearn.Nats;

/// <summary>A message that has come, as a subscription hands it out: its bytes are readable until it is released.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Reply">The subject to answer to; empty: there is none.</param>
/// <param name="Bytes">Headers and payload, one after the other.</param>
/// <param name="HeaderLength">Bytes of the headers.</param>
/// <param name="Length">All bytes.</param>
/// <param name="Sequence">Its number in the subscription, from 0.</param>
/// <param name="Id">The subscription's number for it.</param>
internal readonly record struct PassingMessage(
    Topic Topic, string Reply, byte[] Bytes, int HeaderLength, int Length, long Sequence, long Id)
{
    /// <summary>The header block; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Headers => Bytes.AsSpan(0, HeaderLength);

    /// <summary>The payload.</summary>
    internal ReadOnlyMemory<byte> Payload => Bytes.AsMemory(HeaderLength, Length - HeaderLength);
}

/// <summary>Messages of a subscription, in slots that are used again and again: a message is known by its slot and the slot's generation.
/// Locked by its link.</summary>
/// <remarks>Bounded in messages and in bytes; for what does not fit the oldest makes way, and is counted.</remarks>
internal sealed class NatsInbox
{
    private readonly PayloadStock _stock = new();
    private readonly int _capacity;
    private readonly long _maxBytes;
    private readonly int[] _queue;          // slots of messages that wait, the oldest at _first
    private Slot[] _slots = new Slot[4];
    private int _first;
    private int _used;
    private int _free = -1;
    private long _sequence;
    private long _bytes;

    /// <param name="capacity">Messages that wait at most.</param>
    /// <param name="maxBytes">Their bytes at most; one message fits in any case.</param>
    internal NatsInbox(int capacity, long maxBytes) => (_capacity, _maxBytes, _queue) = (capacity, maxBytes, new int[capacity]);

    /// <summary>Messages that wait.</summary>
    internal int Waiting { get; private set; }

    /// <summary>Messages that were handed out and not released.</summary>
    internal int Held { get; private set; }

    /// <summary>Messages that have come.</summary>
    internal long Received { get; private set; }

    /// <summary>Messages that were dropped because there was no space.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Keeps a message that has come.</summary>
    internal void Add(Topic topic, in NatsFrame message)
    {
        Received++;
        var length = message.Length;
        while (Waiting == _capacity || (Waiting > 0 && _bytes + length > _maxBytes))
        {
            Dropped++;
            Forget(Dequeue());
        }

        var at = Rent();
        var bytes = _stock.Rent(length);
        message.CopyTo(bytes);
        ref var slot = ref _slots[at];
        slot = new()
        {
            Bytes = bytes,
            Reply = message.ReplyTo,
            HeaderLength = message.HeaderLength,
            Length = length,
            Topic = topic,
            Sequence = _sequence++,
            Generation = slot.Generation,
        };
        _queue[(_first + Waiting) % _capacity] = at;
        Waiting++;
        _bytes += length;
    }

    /// <summary>Takes the oldest message that waits.</summary>
    internal bool TryTake(out PassingMessage message)
    {
        message = default;
        if (Waiting == 0) { return false; }
        var at = Dequeue();
        Held++;
        message = Message(at);
        return true;
    }

    /// <summary>A message that was not released; false: it was.</summary>
    internal bool TryFind(long id, out PassingMessage message)
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

    private PassingMessage Message(int at)
    {
        ref var slot = ref _slots[at];
        return new(slot.Topic, slot.Reply, slot.Bytes!, slot.HeaderLength, slot.Length, slot.Sequence,
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
        slot = new() { Reply = "", Generation = slot.Generation + 1, Next = _free };
        _free = at;
    }

    private struct Slot
    {
        internal byte[]? Bytes;
        internal Topic Topic;
        internal long Sequence;
        internal string Reply;
        internal int HeaderLength;
        internal int Length;
        internal int Generation;
        internal int Next;              // of the free slots
    }
}
