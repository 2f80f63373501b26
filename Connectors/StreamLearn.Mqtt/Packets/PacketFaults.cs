namespace StreamLearn.Mqtt;

/// <summary>Faults of a packet, with MQTT 5.0 codes for both versions.</summary>
internal static class PacketFaults
{
    internal static MqttFault ReservedType => Malformed("packet type 0 is reserved (2.1.2)");

    internal static MqttFault HeaderFlags => Malformed("the flags of the fixed header are not those of the packet type [MQTT-2.1.3-1]");

    internal static MqttFault Qos3 => Malformed("QoS 3 [MQTT-3.3.1-4]");

    internal static MqttFault DuplicateQos0 => Malformed("DUP is set with QoS 0 [MQTT-3.3.1-2]");

    internal static MqttFault EndlessVariable => Malformed("a variable byte integer has more than four bytes (1.5.5)");

    internal static MqttFault LongVariable => Malformed("a variable byte integer has more bytes than it needs [MQTT-1.5.5-1]");

    internal static MqttFault TooLarge => new(MqttReason.PacketTooLarge, "the packet is larger than the maximum [MQTT-3.1.2-24]");

    internal static MqttFault PingBody => Malformed("PINGREQ and PINGRESP have no body (3.12.1, 3.13.1)");

    internal static MqttFault Truncated => Malformed("a field extends beyond the end of the packet or of its properties (2.1.4)");

    internal static MqttFault Trailing => Malformed("there are bytes after the last field (2.1.4)");

    internal static MqttFault IllFormedText => Malformed("a string is not well-formed UTF-8 without NUL [MQTT-1.5.4-1] [MQTT-1.5.4-2]");

    internal static MqttFault PacketIdZero => Wrong("the packet identifier is 0 [MQTT-2.2.1-4]");

    internal static MqttFault UnknownProperty => Malformed("a property has an identifier that is not defined (2.2.2.2)");

    internal static MqttFault ForeignProperty => Malformed("a property is not allowed in this packet (2.2.2.2)");

    internal static MqttFault RepeatedProperty => Wrong("a property occurs more than once (2.2.2.2)");

    internal static MqttFault EmptyTopic => Wrong("the topic is empty and has no topic alias [MQTT-4.7.3-1]");

    internal static MqttFault WildcardInTopic => Wrong("a topic name has wildcards [MQTT-3.3.2-2] [MQTT-3.3.2-14] [MQTT-4.7.0-1]");

    internal static MqttFault EmptyFilter => Wrong("a topic filter is empty [MQTT-4.7.3-1]");

    internal static MqttFault HashInFilter => Invalid("'#' is not alone in the last level of a topic filter [MQTT-4.7.1-1]");

    internal static MqttFault PlusInFilter => Invalid("'+' is not alone in its level of a topic filter [MQTT-4.7.1-2]");

    internal static MqttFault SharedName => Invalid("a shared subscription lacks its name or its filter [MQTT-4.8.2-1] [MQTT-4.8.2-2]");

    internal static MqttFault NotText => new(MqttReason.PayloadFormatInvalid, "the payload is declared as UTF-8, but is not (3.3.2.3.2)");

    internal static MqttFault Code => Wrong("the reason code is not one of this packet, or not one of this sender (2.4)");

    internal static MqttFault NoCodes => Wrong("there is no reason code for any topic filter [MQTT-3.9.3-1] [MQTT-3.11.3-1]");

    internal static MqttFault ConnAckFlags => Malformed("reserved bits of the acknowledge flags are set [MQTT-3.2.2-1]");

    internal static MqttFault SessionOfRefusal => Wrong("a refused connection has a session present [MQTT-3.2.2-6]");

    internal static MqttFault DataWithoutMethod => Wrong("there is authentication data without an authentication method (3.1.2.11.10)");

    internal static MqttFault NoMethod => Wrong("AUTH has no authentication method (3.15.2.2.2)");

    internal static MqttFault ExpiryOfServer => Wrong("DISCONNECT of a server has a session expiry interval [MQTT-3.14.2-2]");

    internal static MqttFault ReferenceOfClient => Wrong("DISCONNECT of a client has a server reference (3.14.2.2.5)");

    internal static MqttFault NotInVersion => Wrong("the packet is not one of this version, or not one of this sender (MQTT 3.1.1, 2.2.1)");

    internal static MqttFault OtherType => Wrong("the packet is of another type than the one expected (4.13)");

    internal static MqttFault? OfValue(PropertyId id, PropertyKind kind, uint value) => id switch
    {
        _ when kind == PropertyKind.Flag => value <= 1 ? null : Wrong("a property of one byte is neither 0 nor 1 (2.2.2.2)"),
        _ when value != 0 => null,
        PropertyId.TopicAlias => new(MqttReason.TopicAliasInvalid, "the topic alias is 0 [MQTT-3.3.2-8]"),
        PropertyId.SubscriptionIdentifier => Wrong("a subscription identifier is 0 (3.3.2.3.8)"),
        PropertyId.ReceiveMaximum => Wrong("the receive maximum is 0 (3.1.2.11.3)"),
        PropertyId.MaximumPacketSize => Wrong("the maximum packet size is 0 (3.1.2.11.4)"),
        _ => null,
    };

    private static MqttFault Malformed(string text) => new(MqttReason.MalformedPacket, text);

    private static MqttFault Wrong(string text) => new(MqttReason.ProtocolError, text);

    private static MqttFault Invalid(string text) => new(MqttReason.TopicFilterInvalid, text);
}
