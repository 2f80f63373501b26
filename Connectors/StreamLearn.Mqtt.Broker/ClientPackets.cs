using MQTTnet.Packets;

namespace StreamLearn.Mqtt;

/// <summary>Checks the packets that a client may send to a broker with QoS 1, no topic aliases and no shared subscriptions.</summary>
internal static class ClientPackets
{
    private const int MaxProperties = 256;

    /// <summary>Null: allowed. <paramref name="length"/>: −1: too long. <paramref name="isFirst"/>: only it must be CONNECT.</summary>
    internal static MqttDisconnectReasonCode? Fault(byte first, int length, int maxLength, bool isFirst)
    {
        var (type, flags) = ((MqttControlPacketType)(first >> 4), first & 15);
        if (length < 0) { return MqttDisconnectReasonCode.MalformedPacket; }
        if (length > maxLength) { return MqttDisconnectReasonCode.PacketTooLarge; }
        if ((type == MqttControlPacketType.Connect) != isFirst) { return MqttDisconnectReasonCode.ProtocolError; }
        return type switch
        {
            MqttControlPacketType.Publish when (flags & 6) == 4 => MqttDisconnectReasonCode.QoSNotSupported,
            MqttControlPacketType.Publish when (flags & 6) == 6 || (flags & 14) == 8 => MqttDisconnectReasonCode.MalformedPacket,
            MqttControlPacketType.Publish => null,
            MqttControlPacketType.Subscribe or MqttControlPacketType.Unsubscribe =>
                flags == 2 ? null : MqttDisconnectReasonCode.MalformedPacket,
            MqttControlPacketType.PingReq => flags == 0 && length == 0 ? null : MqttDisconnectReasonCode.MalformedPacket,
            MqttControlPacketType.Connect or MqttControlPacketType.PubAck or MqttControlPacketType.Disconnect =>
                flags == 0 ? null : MqttDisconnectReasonCode.MalformedPacket,
            _ => MqttDisconnectReasonCode.ProtocolError,
        };
    }

    /// <summary>Null: allowed.</summary>
    internal static MqttDisconnectReasonCode? Fault(MqttPacket? packet, bool canKeepSession) => packet switch
    {
        null => MqttDisconnectReasonCode.MalformedPacket,
        _ when PropertiesOf(packet) > MaxProperties => MqttDisconnectReasonCode.QuotaExceeded,
        MqttPublishPacket { TopicAlias: > 0 } => MqttDisconnectReasonCode.TopicAliasInvalid,       // this broker offers no topic aliases
        MqttPublishPacket { SubscriptionIdentifiers.Count: > 0 } => MqttDisconnectReasonCode.ProtocolError,
        MqttPublishPacket m when !TopicRights.IsTopic(m.Topic) => MqttDisconnectReasonCode.TopicNameInvalid,
        MqttPublishPacket { QualityOfServiceLevel: > 0, PacketIdentifier: 0 } => MqttDisconnectReasonCode.ProtocolError,
        MqttSubscribePacket { PacketIdentifier: 0 } or MqttUnsubscribePacket { PacketIdentifier: 0 } =>
            MqttDisconnectReasonCode.ProtocolError,
        MqttSubscribePacket s when s.TopicFilters?.TrueForAll(IsGrantable) is false => MqttDisconnectReasonCode.MalformedPacket,
        MqttSubscribePacket s when !IsFilterList(s.TopicFilters?.ConvertAll(static f => f.Topic)) =>
            MqttDisconnectReasonCode.TopicFilterInvalid,
        MqttUnsubscribePacket u when !IsFilterList(u.TopicFilters) => MqttDisconnectReasonCode.TopicFilterInvalid,
        MqttDisconnectPacket { SessionExpiryInterval: > 0 } when !canKeepSession => MqttDisconnectReasonCode.ProtocolError,
        _ => null,
    };

    private static bool IsFilterList(List<string>? filters) =>
        filters is { Count: > 0 and <= BrokerSession.MaxFilters } && filters.TrueForAll(TopicRights.IsFilter);

    private static bool IsGrantable(MqttTopicFilter filter) =>
        filter.QualityOfServiceLevel <= MqttQualityOfServiceLevel.ExactlyOnce
            && filter.RetainHandling <= MqttRetainHandling.DoNotSendOnSubscribe;

    /// <summary>Returns the number of user properties, because a few bytes each become objects.</summary>
    private static int PropertiesOf(MqttPacket packet) => packet switch
    {
        MqttPublishPacket p => p.UserProperties?.Count ?? 0,
        MqttConnectPacket p => (p.UserProperties?.Count ?? 0) + (p.WillUserProperties?.Count ?? 0),
        MqttSubscribePacket p => p.UserProperties?.Count ?? 0,
        MqttUnsubscribePacket p => p.UserProperties?.Count ?? 0,
        _ => 0,
    };
}
