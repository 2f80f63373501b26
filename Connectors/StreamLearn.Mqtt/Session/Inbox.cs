namespace StreamLearn.Mqtt;

/// <summary>Received messages that are queued, held by the application, or not yet acknowledged. It acknowledges in order of arrival on
/// this connection [MQTT-4.6.0-2, MQTT-4.6.0-3]; refused messages are skipped and stay unacknowledged.</summary>
internal sealed class Inbox(SessionOptions options, SessionCounters counters)
{
    private readonly Queue<int> _waiting = [];
    private readonly Queue<int> _order = [];
    private readonly Dictionary<ushort, int> _known = [];           // packet id → slot: received, not acknowledged
    private readonly Dictionary<ushort, int> _recorded = [];        // packet id → connection: PUBREC sent, PUBREL not received
    private readonly MessageSlots _slots = new();
    private bool _drops;
    private bool _isForgiving;                                      // tolerates messages beyond the receive maximum
    private int _connection;
    private int _taken;                                             // how much of the receive maximum this connection uses
    private int _owned;                                             // number of QoS 1 and 2 messages with the application, or about to be

    internal int Waiting => _waiting.Count;

    /// <summary>QoS 1 and 2 messages on this connection that use credit.</summary>
    internal int Taken => _taken;

    internal int Held { get; private set; }

    /// <summary>Credit that refused messages use until the next connection.</summary>
    internal int Refused { get; private set; }

    /// <summary>True if refused messages use all credit, which only a reconnect frees.</summary>
    internal bool IsStuck => !LeavesAll && Refused >= options.Capacity;

    /// <summary>True: new messages are left to the server.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>True: reading must pause, which is the only backpressure of 3.1.1.</summary>
    internal bool IsFull => options.Version == MqttVersion.V311 && HoldsAll;

    /// <summary>True: no credit, and extra messages stay unread. Servers resend too many after a resumed session or an acknowledgement
    /// (mosquitto 2.0.11: another receive maximum), and disconnecting would repeat that forever. Else excess is a fault.</summary>
    internal bool IsOverdrawn => options.Version == MqttVersion.V5 && HoldsAll && (_isForgiving || _taken < options.Capacity);

    /// <summary>True if there is no space yet for a QoS 0 message.</summary>
    internal bool IsCrowded => !IsEnding && !_drops && _waiting.Count >= options.Capacity;

    internal bool HasSpace => _waiting.Count <= options.Capacity / 4;

    private bool LeavesAll => IsEnding || !options.TakesMessages;

    private bool HoldsAll => !LeavesAll && Math.Max(_order.Count, _owned) >= options.Capacity;

    /// <summary>Drops and counts QoS 0 messages until there is space.</summary>
    internal void Drop() => _drops = true;

    /// <summary>Prepares for a new connection; without a session on the server, packet identifiers are no longer valid.</summary>
    internal void Begin(bool sessionPresent)
    {
        _connection++;
        _taken = 0;
        Refused = 0;
        _isForgiving = sessionPresent;
        if (sessionPresent) { return; }
        foreach (var slot in _known.Values)
        {
            _slots[slot].PacketId = 0;
            Free(slot);
        }

        _known.Clear();
        _recorded.Clear();
    }

    internal void Lost()
    {
        while (_order.TryDequeue(out var at))
        {
            _slots[at].InOrder = false;
            if (_slots[at].Fate == Fate.Refused) { Forget(at); }
            Free(at);
        }
    }

    /// <summary>Acknowledges a skipped message in order, without delivery.</summary>
    internal bool PassOver(in OversizedMessage message, OutputBuffer output, out MqttFault fault)
    {
        if (message.Qos > 0)
        {
            return Receive(new() { PacketId = message.PacketId, Qos = message.Qos, Duplicate = message.Duplicate }, default, output,
                out fault, isPassedOver: true);
        }

        if (!LeavesAll) { counters.Oversized++; }
        fault = default;
        return true;
    }

    /// <summary><paramref name="isPassedOver"/>: true if it is not delivered.</summary>
    internal bool Receive(in PublishPacket packet, Topic topic, OutputBuffer output, out MqttFault fault, bool isPassedOver = false)
    {
        fault = default;
        if (packet.Qos == 0)
        {
            if (LeavesAll) { return true; }
            if (_waiting.Count >= options.Capacity) { counters.OverCredit++; }
            else { _waiting.Enqueue(Keep(packet, topic)); }
            return true;
        }

        if (packet.Qos == 2 && _recorded.ContainsKey(packet.PacketId)) { return Again(packet, output, out fault); }
        if (_known.TryGetValue(packet.PacketId, out var at))
        {
            ref var slot = ref _slots[at];
            if (slot.Connection == _connection && (slot.Qos != packet.Qos || packet is { Qos: 1, Duplicate: false }))
            {
                fault = new(MqttReason.ProtocolError, $"expected a new packet identifier, got {packet.PacketId} which is not acknowledged");
                return false;
            }

            if (slot.Qos == packet.Qos && (packet.Duplicate || packet.Qos == 2)) { return Redelivered(at, output, out fault); }
            // After losing its state, a server may reuse the number for another message, which must not be lost.
            _known.Remove(packet.PacketId);
            slot.PacketId = 0;
            Free(at);
        }

        if (LeavesAll)
        {
            Refused++;
            return true;
        }

        if (!TakeCredit(out fault)) { return false; }
        at = isPassedOver ? _slots.Acknowledged(packet.PacketId, packet.Qos) : Keep(packet, topic);
        _known[packet.PacketId] = at;
        _slots[at].InOrder = true;
        _order.Enqueue(at);
        if (!isPassedOver)
        {
            _waiting.Enqueue(at);
            return true;
        }

        counters.Oversized++;
        Flush(output);
        return true;
    }

    internal bool Finish(ushort packetId, OutputBuffer output, out MqttFault fault)
    {
        fault = default;
        if (_recorded.Remove(packetId, out var connection))
        {
            if (connection == _connection) { _taken--; }
            PacketWriter.Ack(output, options.Version, PacketType.PubComp, packetId);
            return true;
        }

        if (_known.TryGetValue(packetId, out var at) && _slots[at].Qos == 2)
        {
            fault = new(MqttReason.ProtocolError, $"expected PUBREL after PUBREC, got it for packet {packetId} before [MQTT-4.3.3-5]");
            return false;
        }

        return output.TryAnswer(options.Version, PacketType.PubComp, packetId, MqttReason.PacketIdentifierNotFound, out fault);
    }

    internal bool TryTake(out ReceivedMessage message)
    {
        message = default;
        if (!_waiting.TryDequeue(out var at)) { return false; }
        _drops &= !HasSpace;
        message = _slots.Message(at);
        return true;
    }

    internal void Acknowledge(long id, OutputBuffer output)
    {
        if (!_slots.TryEnd(id, Fate.Acknowledged, out var at)) { return; }
        if (_slots[at].InOrder) { Flush(output); }
        else { Free(at); }
    }

    /// <summary>Refuses a message: it was not processed, and is therefore not acknowledged.</summary>
    internal void Refuse(long id, OutputBuffer output)
    {
        if (!_slots.TryEnd(id, Fate.Refused, out var at)) { return; }
        counters.Refused++;
        if (_slots[at].InOrder) { Flush(output); }
        else
        {
            Forget(at);
            Free(at);
        }
    }

    /// <summary>Called when the payload was read.</summary>
    internal void Release(long id)
    {
        if (!_slots.TryFind(id, out var at) || _slots[at].IsReleased) { return; }
        _slots.Release(at);
        Free(at);
    }

    private bool TakeCredit(out MqttFault fault)
    {
        fault = default;
        if (options.Version == MqttVersion.V5 && (_isForgiving ? _order.Count : _taken) >= options.Capacity)
        {
            fault = new(MqttReason.ReceiveMaximumExceeded, $"expected at most {options.Capacity} unacknowledged messages, got one more");
            return false;
        }

        _taken++;
        return true;
    }

    /// <summary>Answers a repeated QoS 2 message with PUBREC again, in order and without delivery [MQTT-4.3.3-10].</summary>
    private bool Again(in PublishPacket packet, OutputBuffer output, out MqttFault fault)
    {
        if (_recorded[packet.PacketId] == _connection)
        {
            counters.RedeliveriesIn++;
            return output.TryAnswer(options.Version, PacketType.PubRec, packet.PacketId, MqttReason.Success, out fault);
        }

        _recorded.Remove(packet.PacketId);
        var at = _slots.Acknowledged(packet.PacketId);
        _known[packet.PacketId] = at;
        return Redelivered(at, output, out fault);
    }

    private bool Redelivered(int at, OutputBuffer output, out MqttFault fault)
    {
        fault = default;
        counters.RedeliveriesIn++;
        ref var slot = ref _slots[at];
        if (slot.Connection == _connection) { return true; }        // one acknowledgment is sufficient
        if (!TakeCredit(out fault)) { return false; }
        slot.Connection = _connection;
        slot.InOrder = true;
        _order.Enqueue(at);
        Flush(output);
        return true;
    }

    private void Flush(OutputBuffer output)
    {
        while (_order.TryPeek(out var at) && _slots[at].Fate != Fate.Open)
        {
            _order.Dequeue();
            ref var slot = ref _slots[at];
            slot.InOrder = false;
            if (slot.PacketId != 0)
            {
                _isForgiving |= slot.Fate == Fate.Acknowledged;
                if (slot.Fate == Fate.Refused) { Refused++; }
                else if (slot.Qos == 1)
                {
                    _taken--;
                    PacketWriter.Ack(output, options.Version, PacketType.PubAck, slot.PacketId);
                }
                else
                {
                    _recorded[slot.PacketId] = _connection;
                    PacketWriter.Ack(output, options.Version, PacketType.PubRec, slot.PacketId);
                }

                Forget(at);
            }

            Free(at);
        }
    }

    private int Keep(in PublishPacket packet, Topic topic)
    {
        counters.Received++;
        if (packet.Duplicate) { counters.RedeliveriesIn++; }        // sent before this program started
        Held++;
        if (packet.Qos > 0) { _owned++; }
        return _slots.Keep(packet, topic, _connection);
    }

    private void Forget(int at)
    {
        ref var slot = ref _slots[at];
        if (slot.PacketId != 0) { _known.Remove(slot.PacketId); }
        slot.PacketId = 0;
    }

    private void Free(int at)
    {
        ref var slot = ref _slots[at];
        if (slot.Fate != Fate.Open && slot.IsHeld && slot.IsReleased)
        {
            slot.IsHeld = false;
            Held--;
            if (slot.Qos > 0) { _owned--; }
        }

        if (slot.Fate == Fate.Open || !slot.IsReleased || slot.InOrder || slot is { PacketId: not 0, Qos: not 0 }) { return; }
        _slots.Return(at);
    }
}
