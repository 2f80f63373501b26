namespace StreamLearn.Mqtt;

/// <summary>Spans point into the packet.</summary>
internal readonly ref struct PublishPacket
{
    /// <summary>Valid UTF-8; empty: an alias is used.</summary>
    internal ReadOnlySpan<byte> Topic { get; init; }

    internal ReadOnlySpan<byte> Payload { get; init; }

    internal ushort PacketId { get; init; }         // 0 at QoS 0

    internal byte Qos { get; init; }

    internal bool Retain { get; init; }

    internal bool Duplicate { get; init; }

    internal ushort TopicAlias { get; init; }

    internal bool IsText { get; init; }             // payload format indicator 1

    /// <summary>Seconds until the message or session expires; null: never.</summary>
    internal uint? ExpirySeconds { get; init; }

    internal ReadOnlySpan<byte> ResponseTopic { get; init; }

    internal ReadOnlySpan<byte> CorrelationData { get; init; }

    internal ReadOnlySpan<byte> ContentType { get; init; }

    /// <summary>Validated; includes user properties.</summary>
    internal PropertyList Properties { get; init; }
}

/// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK of 3.1.1.</summary>
internal readonly ref struct AckPacket
{
    internal ushort PacketId { get; init; }

    internal MqttReason Reason { get; init; }

    /// <summary>UTF-8; empty: none.</summary>
    internal ReadOnlySpan<byte> ReasonText { get; init; }
}

/// <summary>SUBACK and UNSUBACK: one code per filter.</summary>
internal readonly ref struct SubAckPacket
{
    internal ushort PacketId { get; init; }

    internal ReadOnlySpan<byte> Reasons { get; init; }

    internal ReadOnlySpan<byte> ReasonText { get; init; }
}

/// <summary>CONNACK. Absent values have the defaults of the standard, and defaults are not written.</summary>
internal readonly ref struct ConnAckPacket
{
    public ConnAckPacket() { }

    internal bool SessionPresent { get; init; }

    internal MqttReason Reason { get; init; }

    internal ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    internal byte MaximumQos { get; init; } = 2;

    internal bool RetainAvailable { get; init; } = true;

    internal uint MaximumPacketSize { get; init; } = uint.MaxValue;     // no limit

    internal ushort TopicAliasMaximum { get; init; }

    internal bool WildcardsAvailable { get; init; } = true;

    internal bool SharedSubscriptionsAvailable { get; init; } = true;

    internal bool SubscriptionIdentifiersAvailable { get; init; } = true;

    internal uint? SessionExpirySeconds { get; init; }      // null: as requested

    internal ushort? ServerKeepAliveSeconds { get; init; }

    internal ReadOnlySpan<byte> AssignedClientId { get; init; }

    internal ReadOnlySpan<byte> ReasonText { get; init; }

    internal ReadOnlySpan<byte> ServerReference { get; init; }

    internal ReadOnlySpan<byte> ResponseInformation { get; init; }

    internal ReadOnlySpan<byte> AuthenticationMethod { get; init; }

    internal ReadOnlySpan<byte> AuthenticationData { get; init; }

    /// <summary>Returns a value that is not allowed after this CONNECT; null: none.</summary>
    internal MqttFault? FaultAfter(bool cleanStart) =>
        !ResponseInformation.IsEmpty || !AuthenticationMethod.IsEmpty
            ? new(MqttReason.ProtocolError, "expected limits as requested by CONNECT, got higher ones [MQTT-3.1.2-28] [MQTT-4.12.0-6]")
        : SessionPresent && cleanStart
            ? new(MqttReason.ProtocolError, "expected no session after a clean start, got one [MQTT-3.2.2-2]")
        : null;
}

/// <summary>DISCONNECT and AUTH.</summary>
internal readonly ref struct ReasonPacket
{
    internal MqttReason Reason { get; init; }

    internal ReadOnlySpan<byte> ReasonText { get; init; }

    internal ReadOnlySpan<byte> ServerReference { get; init; }

    /// <summary>For a client's DISCONNECT; null: unchanged.</summary>
    internal uint? SessionExpirySeconds { get; init; }

    internal ReadOnlySpan<byte> AuthenticationMethod { get; init; }

    internal ReadOnlySpan<byte> AuthenticationData { get; init; }
}

internal readonly ref struct ConnectPacket
{
    public ConnectPacket() { }

    internal MqttVersion Version { get; init; } = MqttVersion.V5;

    internal string ClientId { get; init; } = "";

    internal bool CleanStart { get; init; }

    internal ushort KeepAliveSeconds { get; init; }

    internal string? UserName { get; init; }

    internal ReadOnlySpan<byte> Password { get; init; }

    internal bool HasPassword { get; init; }

    internal MqttWill? Will { get; init; }

    internal uint SessionExpirySeconds { get; init; }

    internal ushort ReceiveMaximum { get; init; } = ushort.MaxValue;    // the default is not written

    internal uint MaximumPacketSize { get; init; } = uint.MaxValue;     // the default is not written

    internal ushort TopicAliasMaximum { get; init; }
}

internal readonly record struct FilterRequest(
    string Filter, byte Qos, bool NoLocal = false, bool RetainAsPublished = true, byte RetainHandling = 0);

internal readonly ref struct OutgoingPublish
{
    internal ReadOnlySpan<byte> Topic { get; init; }        // UTF-8

    internal System.Buffers.ReadOnlySequence<byte> Payload { get; init; }

    internal byte Qos { get; init; }

    internal bool Retain { get; init; }

    internal uint? ExpirySeconds { get; init; }

    internal ushort TopicAlias { get; init; }

    internal ReadOnlySpan<byte> ContentType { get; init; }

    internal ReadOnlySpan<byte> CorrelationData { get; init; }

    internal ReadOnlySpan<byte> ResponseTopic { get; init; }

    internal ReadOnlySpan<KeyValuePair<string, string>> UserProperties { get; init; }
}
