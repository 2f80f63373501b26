namespace StreamLearn.Mqtt;

/// <summary>Reason codes, failures from 0x80; 3.1.1 codes are mapped. Source: MQTT 5.0, 2.4.</summary>
internal enum MqttReason
{
    /// <summary>Success; also a normal end, or granted QoS 0.</summary>
    Success = 0x00,

    GrantedQos1 = 0x01,

    GrantedQos2 = 0x02,

    DisconnectWithWill = 0x04,

    NoMatchingSubscribers = 0x10,

    NoSubscriptionExisted = 0x11,

    ContinueAuthentication = 0x18,

    Reauthenticate = 0x19,

    UnspecifiedError = 0x80,

    MalformedPacket = 0x81,

    ProtocolError = 0x82,

    /// <summary>The packet is valid, but the receiver does not process it.</summary>
    ImplementationSpecificError = 0x83,

    UnsupportedProtocolVersion = 0x84,

    ClientIdentifierNotValid = 0x85,

    BadUserNameOrPassword = 0x86,

    NotAuthorized = 0x87,

    ServerUnavailable = 0x88,

    ServerBusy = 0x89,

    Banned = 0x8A,

    ServerShuttingDown = 0x8B,

    BadAuthenticationMethod = 0x8C,

    KeepAliveTimeout = 0x8D,

    SessionTakenOver = 0x8E,

    TopicFilterInvalid = 0x8F,

    TopicNameInvalid = 0x90,

    PacketIdentifierInUse = 0x91,

    PacketIdentifierNotFound = 0x92,

    ReceiveMaximumExceeded = 0x93,

    TopicAliasInvalid = 0x94,

    PacketTooLarge = 0x95,

    MessageRateTooHigh = 0x96,

    QuotaExceeded = 0x97,

    AdministrativeAction = 0x98,

    PayloadFormatInvalid = 0x99,

    RetainNotSupported = 0x9A,

    QosNotSupported = 0x9B,

    /// <summary>Temporary.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>Permanent.</summary>
    ServerMoved = 0x9D,

    SharedSubscriptionsNotSupported = 0x9E,

    ConnectionRateExceeded = 0x9F,

    MaximumConnectTime = 0xA0,

    SubscriptionIdentifiersNotSupported = 0xA1,

    WildcardSubscriptionsNotSupported = 0xA2,
}
