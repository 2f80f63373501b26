namespace StreamLearn.Mqtt;

/// <summary>Reason codes; from 0x80 on they are failures. Those of 3.1.1 are mapped onto them. Source: MQTT 5.0, 2.4.</summary>
internal enum MqttReason
{
    /// <summary>The operation succeeded; a normal end; QoS 0 granted.</summary>
    Success = 0x00,

    /// <summary>QoS 1 was granted.</summary>
    GrantedQos1 = 0x01,

    /// <summary>QoS 2 was granted.</summary>
    GrantedQos2 = 0x02,

    /// <summary>The client ends, and wants its will published.</summary>
    DisconnectWithWill = 0x04,

    /// <summary>The message was accepted, and nobody subscribes to it.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>There was no such subscription.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>Authentication goes on.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>Authentication begins again.</summary>
    Reauthenticate = 0x19,

    /// <summary>An error that its sender does not tell.</summary>
    UnspecifiedError = 0x80,

    /// <summary>A packet could not be parsed.</summary>
    MalformedPacket = 0x81,

    /// <summary>A packet came that is not allowed, or not now.</summary>
    ProtocolError = 0x82,

    /// <summary>The packet is valid, but is not processed by the receiver.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>The server does not speak the version.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>The server does not allow the client identifier.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>The server does not accept user name or password.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>The client may not do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The server is not available.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server is busy.</summary>
    ServerBusy = 0x89,

    /// <summary>The client was banned.</summary>
    Banned = 0x8A,

    /// <summary>The server shuts down.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or not the one of before.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>Nothing came for one and a half times the keep-alive.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>Another connection uses the same client identifier.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>The packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>More messages came than were allowed in flight.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>The topic alias is not one that was agreed.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>The packet is larger than was allowed.</summary>
    PacketTooLarge = 0x95,

    /// <summary>Messages come too fast.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit of the receiver was exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>An operator ended the connection.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload is not of the format that was stated.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server keeps no retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The server does not support the QoS.</summary>
    QosNotSupported = 0x9B,

    /// <summary>The client should use another server for now.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>The client should use another server from now on.</summary>
    ServerMoved = 0x9D,

    /// <summary>The server has no shared subscriptions.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Too many connections in a short time.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>The connection lasted as long as it may.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>The server has no subscription identifiers.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>The server has no subscriptions with wildcards.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
