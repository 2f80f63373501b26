namespace StreamLearn.Mqtt;

internal sealed class Filters(SessionOptions options)
{
    private readonly List<FilterState> _filters = [];
    private ServerLimits _limits = ServerLimits.None;

    /// <summary>Time since which an answer of the server is overdue; null if none is expected.</summary>
    internal long? OwedSince { get; private set; }

    /// <summary>Null if the server has not answered yet.</summary>
    internal MqttReason? Answer(string filter) => _filters.Find(f => f.Request.Filter == filter)?.Answer;

    internal bool IsRefused { get; private set; }

    internal bool IsInUse(ushort packetId) => _filters.Exists(f => f.PacketId == packetId);

    internal void Add(FilterRequest request) => _filters.Add(new() { Request = request });

    internal void Remove(string filter)
    {
        if (_filters.Find(f => f.Request.Filter == filter && !f.IsLeaving) is { } known)
        {
            (known.IsLeaving, known.IsKnown) = (true, false);
        }
    }

    internal void Leave(OutputBuffer output, Func<ushort> nextId)
    {
        foreach (var filter in _filters) { PacketWriter.Unsubscribe(output, options.Version, nextId(), [filter.Request.Filter]); }
    }

    /// <summary>Marks filters that the server may not know, so that they are subscribed again. Called for a new connection.</summary>
    internal void Begin(bool sessionPresent, in ServerLimits limits)
    {
        _limits = limits;
        OwedSince = null;
        IsRefused = false;
        if (!sessionPresent) { _filters.RemoveAll(f => f.IsLeaving); }
        foreach (var filter in _filters)
        {
            (filter.PacketId, filter.IsRefused) = (0, false);
            filter.IsKnown &= sessionPresent;
        }
    }

    internal void Pump(OutputBuffer output, Func<ushort> nextId, long now)
    {
        foreach (var filter in _filters)
        {
            if (filter.IsKnown || filter.PacketId != 0 || (filter.IsRefused && !filter.IsLeaving)) { continue; }
            if (!filter.IsLeaving && Refusal(filter.Request.Filter) is { } refusal)
            {
                Answered(filter, refusal);          // requesting it anyway would make the server disconnect
                continue;
            }

            (filter.PacketId, filter.AsksToLeave) = (nextId(), filter.IsLeaving);
            if (OwedSince is null) { OwedSince = now; }
            if (filter.IsLeaving) { PacketWriter.Unsubscribe(output, options.Version, filter.PacketId, [filter.Request.Filter]); }
            else { PacketWriter.Subscribe(output, options.Version, filter.PacketId, [filter.Request]); }
        }
    }

    internal bool Take(PacketType type, in SubAckPacket packet, long now, out MqttFault fault)
    {
        fault = default;
        var id = packet.PacketId;
        var asked = _filters.Find(f => f.PacketId == id);
        if (asked is null || asked.AsksToLeave != (type == PacketType.UnsubAck)
            || (type == PacketType.SubAck && packet.Reasons.Length != 1))
        {
            fault = new(MqttReason.ProtocolError, $"expected an answer to an open request, got {type} for packet {id}");
            return false;
        }

        asked.PacketId = 0;
        asked.IsKnown = asked.AsksToLeave == asked.IsLeaving;           // otherwise it was abandoned in the meantime
        if (asked.AsksToLeave) { _filters.Remove(asked); }
        else { Answered(asked, (MqttReason)packet.Reasons[0]); }
        OwedSince = _filters.Exists(f => f.PacketId != 0) ? now : null;
        return true;
    }

    private MqttReason? Refusal(string filter)
    {
        if (!_limits.SharedSubscriptions && PacketText.IsShared(filter)) { return MqttReason.SharedSubscriptionsNotSupported; }
        if (!_limits.Wildcards && filter.AsSpan().ContainsAny('+', '#')) { return MqttReason.WildcardSubscriptionsNotSupported; }
        return PacketWriter.SubscribeSize(options.Version, filter) > _limits.MaximumPacketBytes ? MqttReason.PacketTooLarge : null;
    }

    private void Answered(FilterState asked, MqttReason answer)
    {
        asked.Answer = answer;
        if (answer < MqttReason.UnspecifiedError) { return; }
        (asked.IsKnown, asked.IsRefused) = (false, true);               // requested again over the next connection
        IsRefused = true;
    }

    private sealed class FilterState
    {
        internal required FilterRequest Request { get; init; }

        internal MqttReason? Answer { get; set; }

        internal ushort PacketId { get; set; }

        internal bool IsKnown { get; set; }

        internal bool IsRefused { get; set; }

        internal bool IsLeaving { get; set; }

        /// <summary>The pending request is UNSUBSCRIBE.</summary>
        internal bool AsksToLeave { get; set; }
    }
}
