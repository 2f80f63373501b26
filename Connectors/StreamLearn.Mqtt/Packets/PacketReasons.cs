using static StreamLearn.Mqtt.MqttReason;

namespace StreamLearn.Mqtt;

/// <summary>Reason codes by packet. Source: MQTT 5.0, 2.4 and the tables of chapter 3.</summary>
internal static class PacketReasons
{
    internal static bool IsOf(PacketType type, Sender sender, MqttReason reason) => type switch
    {
        PacketType.ConnAck => IsOfConnAck(reason),
        PacketType.PubAck or PacketType.PubRec => reason is Success or NoMatchingSubscribers or UnspecifiedError
            or ImplementationSpecificError or NotAuthorized or TopicNameInvalid or PacketIdentifierInUse or QuotaExceeded
            or PayloadFormatInvalid or PacketTooLarge,      // mosquitto sends the last one for its message_size_limit
        PacketType.PubRel or PacketType.PubComp => reason is Success or PacketIdentifierNotFound,
        PacketType.SubAck => reason is Success or GrantedQos1 or GrantedQos2 or UnspecifiedError or ImplementationSpecificError
            or NotAuthorized or TopicFilterInvalid or PacketIdentifierInUse or QuotaExceeded or SharedSubscriptionsNotSupported
            or SubscriptionIdentifiersNotSupported or WildcardSubscriptionsNotSupported,
        PacketType.UnsubAck => reason is Success or NoSubscriptionExisted or UnspecifiedError or ImplementationSpecificError
            or NotAuthorized or TopicFilterInvalid or PacketIdentifierInUse,
        PacketType.Disconnect => IsOfDisconnect(sender, reason),
        PacketType.Auth => reason is ContinueAuthentication || reason == (sender == Sender.Server ? Success : Reauthenticate),
        _ => false,
    };

    /// <summary>Maps a 3.1.1 return code; null: undefined. Source: MQTT 3.1.1, 3.2.2.3.</summary>
    internal static MqttReason? OfReturnCode(byte code) => code switch
    {
        0 => Success,
        1 => UnsupportedProtocolVersion,
        2 => ClientIdentifierNotValid,
        3 => ServerUnavailable,
        4 => BadUserNameOrPassword,
        5 => NotAuthorized,
        _ => null,
    };

    private static bool IsOfConnAck(MqttReason reason) => reason is Success or (>= UnspecifiedError and <= Banned)
        or BadAuthenticationMethod or TopicNameInvalid or PacketTooLarge or QuotaExceeded or PayloadFormatInvalid or RetainNotSupported
        or QosNotSupported or UseAnotherServer or ServerMoved or ConnectionRateExceeded;

    private static bool IsOfDisconnect(Sender sender, MqttReason reason) => reason switch
    {
        DisconnectWithWill => sender == Sender.Client,
        Success or UnspecifiedError or MalformedPacket or ProtocolError or ImplementationSpecificError or BadAuthenticationMethod
            or TopicNameInvalid or (>= ReceiveMaximumExceeded and <= PayloadFormatInvalid) => true,
        NotAuthorized or ServerBusy or ServerShuttingDown or KeepAliveTimeout or SessionTakenOver or TopicFilterInvalid
            or (>= RetainNotSupported and <= WildcardSubscriptionsNotSupported) => sender == Sender.Server,
        _ => false,
    };
}
