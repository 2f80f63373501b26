namespace StreamLearn.Mqtt;

/// <summary>Source: MQTT 5.0, 2.2.2.2.</summary>
internal enum PropertyId : byte
{
    PayloadFormatIndicator = 0x01,
    MessageExpiryInterval = 0x02,
    ContentType = 0x03,
    ResponseTopic = 0x08,
    CorrelationData = 0x09,
    SubscriptionIdentifier = 0x0B,
    SessionExpiryInterval = 0x11,
    AssignedClientIdentifier = 0x12,
    ServerKeepAlive = 0x13,
    AuthenticationMethod = 0x15,
    AuthenticationData = 0x16,
    RequestProblemInformation = 0x17,
    WillDelayInterval = 0x18,
    RequestResponseInformation = 0x19,
    ResponseInformation = 0x1A,
    ServerReference = 0x1C,
    ReasonString = 0x1F,
    ReceiveMaximum = 0x21,
    TopicAliasMaximum = 0x22,
    TopicAlias = 0x23,
    MaximumQos = 0x24,
    RetainAvailable = 0x25,
    UserProperty = 0x26,
    MaximumPacketSize = 0x27,
    WildcardSubscriptionAvailable = 0x28,
    SubscriptionIdentifierAvailable = 0x29,
    SharedSubscriptionAvailable = 0x2A,
}

/// <summary>Source: MQTT 5.0, 1.5.</summary>
internal enum PropertyKind : byte
{
    None,

    Flag,

    TwoBytes,

    FourBytes,

    Variable,

    Text,

    Binary,

    TextPair,
}

/// <summary>Allowed properties per packet, one bit each. Source: MQTT 5.0, 2.2.2.2.</summary>
internal static class PropertySets
{
    internal const ulong Common = (1UL << (int)PropertyId.UserProperty) | (1UL << (int)PropertyId.ReasonString);

    internal const ulong Message = (1UL << (int)PropertyId.UserProperty) | (1UL << (int)PropertyId.PayloadFormatIndicator)
        | (1UL << (int)PropertyId.MessageExpiryInterval) | (1UL << (int)PropertyId.ContentType) | (1UL << (int)PropertyId.ResponseTopic)
        | (1UL << (int)PropertyId.CorrelationData);

    internal const ulong Authentication = (1UL << (int)PropertyId.AuthenticationMethod) | (1UL << (int)PropertyId.AuthenticationData);

    /// <summary>Limits that either side states when connecting.</summary>
    internal const ulong Limits = (1UL << (int)PropertyId.SessionExpiryInterval) | (1UL << (int)PropertyId.ReceiveMaximum)
        | (1UL << (int)PropertyId.MaximumPacketSize) | (1UL << (int)PropertyId.TopicAliasMaximum);

    internal const ulong PublishOfClient = Message | (1UL << (int)PropertyId.TopicAlias);

    internal const ulong PublishOfServer = PublishOfClient | (1UL << (int)PropertyId.SubscriptionIdentifier);

    internal const ulong ConnAck = Limits | Authentication | Common | (1UL << (int)PropertyId.AssignedClientIdentifier)
        | (1UL << (int)PropertyId.ServerKeepAlive) | (1UL << (int)PropertyId.ResponseInformation) | (1UL << (int)PropertyId.ServerReference)
        | (1UL << (int)PropertyId.MaximumQos) | (1UL << (int)PropertyId.RetainAvailable)
        | (1UL << (int)PropertyId.WildcardSubscriptionAvailable) | (1UL << (int)PropertyId.SubscriptionIdentifierAvailable)
        | (1UL << (int)PropertyId.SharedSubscriptionAvailable);

    internal const ulong Disconnect = Common | (1UL << (int)PropertyId.SessionExpiryInterval) | (1UL << (int)PropertyId.ServerReference);

    internal const ulong Auth = Common | Authentication;

    internal static PropertyKind KindOf(uint id) => (PropertyId)id switch
    {
        _ when id > (uint)PropertyId.SharedSubscriptionAvailable => PropertyKind.None,
        PropertyId.UserProperty => PropertyKind.TextPair,
        PropertyId.SubscriptionIdentifier => PropertyKind.Variable,
        PropertyId.CorrelationData or PropertyId.AuthenticationData => PropertyKind.Binary,
        PropertyId.ContentType or PropertyId.ResponseTopic or PropertyId.AssignedClientIdentifier or PropertyId.AuthenticationMethod
            or PropertyId.ResponseInformation or PropertyId.ServerReference or PropertyId.ReasonString => PropertyKind.Text,
        PropertyId.ServerKeepAlive or PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum
            or PropertyId.TopicAlias => PropertyKind.TwoBytes,
        PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.WillDelayInterval
            or PropertyId.MaximumPacketSize => PropertyKind.FourBytes,
        PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation
            or PropertyId.MaximumQos or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
            or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable => PropertyKind.Flag,
        _ => PropertyKind.None,
    };
}
