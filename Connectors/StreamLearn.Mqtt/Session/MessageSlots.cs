namespace StreamLearn.Mqtt;

internal enum Fate : byte
{
    /// <summary>The message is queued or being processed.</summary>
    Open,

    Acknowledged,

    Refused,
}

internal struct MessageSlot
{
    internal byte[] Payload;
    internal Topic Topic;
    internal MessageProperties? Properties;
    internal long Sequence;
    internal int Length;
    internal int Generation;
    internal int Connection;        // the last connection that it arrived on
    internal int Next;              // next free slot
    internal ushort PacketId;
    internal byte Qos;
    internal Fate Fate;
    internal bool Retain;
    internal bool Duplicate;        // the server first sent it before this program started
    internal bool InOrder;          // acknowledged in order
    internal bool IsReleased;       // its bytes were read
    internal bool IsHeld;           // with the application, or about to be
}

/// <summary>Slots that are reused; a slot and its generation identify a message.</summary>
internal sealed class MessageSlots
{
    private readonly PayloadStock _stock = new();
    private MessageSlot[] _slots = new MessageSlot[4];
    private long _sequence;
    private int _used;
    private int _free = -1;

    internal ref MessageSlot this[int at] => ref _slots[at];

    private long Id(int at) => ((long)_slots[at].Generation << 32) | (uint)at;

    internal bool TryFind(long id, out int at)
    {
        at = (int)(uint)id;
        return at < _used && _slots[at].Generation == (int)(id >> 32);
    }

    internal bool TryEnd(long id, Fate fate, out int at)
    {
        if (!TryFind(id, out at) || _slots[at].Fate != Fate.Open) { return false; }
        _slots[at].Fate = fate;
        return true;
    }

    /// <summary>Keeps the content of the last message, except for the generation.</summary>
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

    internal int Keep(in PublishPacket packet, Topic topic, int connection)
    {
        var at = Rent();
        var length = packet.Payload.Length;
        var payload = _stock.Rent(length);
        packet.Payload.CopyTo(payload);
        ref var slot = ref _slots[at];
        slot = new()
        {
            Payload = payload,
            Length = length,
            Topic = topic,
            PacketId = packet.PacketId,
            Qos = packet.Qos,
            Retain = packet.Retain,
            Duplicate = packet.Duplicate,
            Properties = ReceivedProperties.Of(packet),
            Connection = connection,
            Sequence = _sequence++,
            Generation = slot.Generation,
            IsHeld = true,
        };
        return at;
    }

    /// <summary>Rents a slot for a message that is not delivered: a repeated QoS 2 message, or an oversized one.</summary>
    internal int Acknowledged(ushort packetId, byte qos = 2)
    {
        var at = Rent();
        ref var slot = ref _slots[at];
        slot = new()
        {
            Payload = [],
            PacketId = packetId,
            Qos = qos,
            Fate = Fate.Acknowledged,
            IsReleased = true,
            Generation = slot.Generation,
        };
        return at;
    }

    internal ReceivedMessage Message(int at)
    {
        ref var slot = ref _slots[at];
        return new(slot.Topic, slot.Payload, slot.Length, slot.Retain, slot.Duplicate, slot.Properties, slot.Sequence, Id(at));
    }

    internal void Release(int at)
    {
        ref var slot = ref _slots[at];
        slot.IsReleased = true;
        _stock.Return(slot.Payload);
        slot.Payload = [];
    }

    internal void Return(int at)
    {
        ref var slot = ref _slots[at];
        slot = new() { Payload = [], Generation = slot.Generation + 1, Next = _free };
        _free = at;
    }
}
