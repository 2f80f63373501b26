using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace StreamLearn.Mqtt;

/// <summary>What packets a client may send to a broker that offers QoS 1, no topic aliases and no shared subscriptions.</summary>
internal static class ClientPackets
{
    private const int MaxProperties = 256;

    /// <summary>Why no client may send a packet that begins so; null: it may. <paramref name="length"/>: bytes of its body; -1: more than
    /// there can be. <paramref name="isFirst"/>: true for the first packet of a connection, which has to be a CONNECT, as no
    /// other.</summary>
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

    /// <summary>Why no client may send a packet; null: it may.</summary>
    internal static MqttDisconnectReasonCode? Fault(MqttPacket? packet, bool canKeepSession) => packet switch
    {
        null => MqttDisconnectReasonCode.MalformedPacket,
        _ when PropertiesOf(packet) > MaxProperties => MqttDisconnectReasonCode.QuotaExceeded,
        MqttPublishPacket { TopicAlias: > 0 } => MqttDisconnectReasonCode.TopicAliasInvalid,       // none is offered
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

    /// <summary>The user properties of a packet that may have any number of them; a few bytes each become objects.</summary>
    private static int PropertiesOf(MqttPacket packet) => packet switch
    {
        MqttPublishPacket p => p.UserProperties?.Count ?? 0,
        MqttConnectPacket p => (p.UserProperties?.Count ?? 0) + (p.WillUserProperties?.Count ?? 0),
        MqttSubscribePacket p => p.UserProperties?.Count ?? 0,
        MqttUnsubscribePacket p => p.UserProperties?.Count ?? 0,
        _ => 0,
    };
}
