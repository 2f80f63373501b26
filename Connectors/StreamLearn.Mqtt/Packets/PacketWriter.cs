using System.Buffers;

namespace StreamLearn.Mqtt;

/// <summary>Writes packets without allocation. Callers validate; numbers that are omitted have the defaults of the standard.</summary>
internal static class PacketWriter
{
    /// <summary>The protocol's maximum in bytes.</summary>
    internal const long LargestPacket = 268_435_460;

    internal const int FixedParts = 128;

    /// <summary>With the header in bytes, to check the server's limit before writing.</summary>
    internal static long Size(MqttVersion version, in OutgoingPublish publish)
    {
        var body = BodySize(version, publish, version == MqttVersion.V5 ? PropertiesSize(publish) : 0);
        return 1 + (body > LargestPacket ? 5 : PacketSpan.SizeOfVariable((uint)body)) + body;
    }

    internal static void Publish(
        IBufferWriter<byte> output, MqttVersion version, in OutgoingPublish publish, ushort packetId, bool duplicate)
    {
        var properties = version == MqttVersion.V5 ? PropertiesSize(publish) : 0;
        var body = BodySize(version, publish, properties);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body, LargestPacket - 5, nameof(publish));
        var packet = new PacketSpan(output.GetSpan(5 + (int)(body - publish.Payload.Length)));
        packet.Byte(((int)PacketType.Publish << 4) | (duplicate ? 8 : 0) | (publish.Qos << 1) | (publish.Retain ? 1 : 0));
        packet.Variable((uint)body);
        packet.Counted(publish.Topic);
        if (publish.Qos > 0) { packet.TwoBytes(packetId); }
        if (version == MqttVersion.V5)
        {
            packet.Variable((uint)properties);
            packet.Property(PropertyId.MessageExpiryInterval, publish.ExpirySeconds);
            packet.Property(PropertyId.TopicAlias, publish.TopicAlias, absent: 0);
            packet.Property(PropertyId.ContentType, publish.ContentType);
            packet.Property(PropertyId.ResponseTopic, publish.ResponseTopic);
            packet.Property(PropertyId.CorrelationData, publish.CorrelationData);
            foreach (var (name, value) in publish.UserProperties)
            {
                packet.Byte((int)PropertyId.UserProperty);
                packet.Counted(name);
                packet.Counted(value);
            }
        }

        output.Advance(packet.Length);
        foreach (var segment in publish.Payload) { output.Write(segment.Span); }
    }

    internal static void Connect(IBufferWriter<byte> output, in ConnectPacket connect)
    {
        var isV5 = connect.Version == MqttVersion.V5;
        var will = connect.Will;
        var texts = PacketSpan.SizeOf(connect.ClientId) + PacketSpan.SizeOf(connect.UserName ?? "") + connect.Password.Length
            + PacketSpan.SizeOf(will?.Topic.Value ?? "") + (will?.Payload.Length ?? 0);
        var packet = new PacketSpan(output.GetSpan(FixedParts + texts));
        packet.Byte((int)PacketType.Connect << 4);
        packet.Counted("MQTT"u8);
        packet.Byte((int)connect.Version);
        packet.Byte((connect.UserName is null ? 0 : 0x80) | (connect.HasPassword ? 0x40 : 0) | (connect.CleanStart ? 2 : 0)
            | (will is null ? 0 : 4 | (will.Qos << 3) | (will.Retain ? 0x20 : 0)));
        packet.TwoBytes(connect.KeepAliveSeconds);
        if (isV5)
        {
            var place = packet.Length;
            packet.Property(PropertyId.SessionExpiryInterval, connect.SessionExpirySeconds, absent: 0);
            packet.Property(PropertyId.ReceiveMaximum, connect.ReceiveMaximum, absent: ushort.MaxValue);
            packet.Property(PropertyId.MaximumPacketSize, connect.MaximumPacketSize, absent: uint.MaxValue);
            packet.Property(PropertyId.TopicAliasMaximum, connect.TopicAliasMaximum, absent: 0);
            packet.Prefix(place);
        }

        packet.Counted(connect.ClientId);
        if (will is not null)
        {
            var place = packet.Length;
            if (isV5) { packet.Property(PropertyId.WillDelayInterval, (uint)Math.Ceiling(will.Delay.TotalSeconds), absent: 0); }
            if (isV5) { packet.Prefix(place); }
            packet.Counted(will.Topic.Value);
            packet.Counted(will.Payload.Span);
        }

        if (connect.UserName is { } user) { packet.Counted(user); }
        if (connect.HasPassword) { packet.Counted(connect.Password); }
        End(output, ref packet);
    }

    /// <summary>Writes PUBACK, PUBREC, PUBREL or PUBCOMP, in the short form on success.</summary>
    internal static void Ack(IBufferWriter<byte> output, MqttVersion version, PacketType type, ushort packetId, MqttReason reason = 0)
    {
        var isLong = version == MqttVersion.V5 && reason != MqttReason.Success;
        var packet = new PacketSpan(output.GetSpan(5));
        packet.Byte(((int)type << 4) | (type == PacketType.PubRel ? 2 : 0));
        packet.Byte(isLong ? 3 : 2);
        packet.TwoBytes(packetId);
        if (isLong) { packet.Byte((int)reason); }
        output.Advance(packet.Length);
    }

    /// <summary>Writes SUBSCRIBE; 3.1.1 has only the QoS option.</summary>
    internal static void Subscribe(IBufferWriter<byte> output, MqttVersion version, ushort packetId, ReadOnlySpan<FilterRequest> filters)
    {
        var texts = 0;
        foreach (var filter in filters) { texts += 1 + PacketSpan.SizeOf(filter.Filter); }
        var packet = Request(output, version, PacketType.Subscribe, packetId, texts);
        foreach (var filter in filters)
        {
            packet.Counted(filter.Filter);
            packet.Byte(version == MqttVersion.V5
                ? filter.Qos | (filter.NoLocal ? 4 : 0) | (filter.RetainAsPublished ? 8 : 0) | (filter.RetainHandling << 4)
                : filter.Qos);
        }

        End(output, ref packet);
    }

    /// <summary>With one filter, in bytes, including the header.</summary>
    internal static int SubscribeSize(MqttVersion version, string filter)
    {
        var body = 2 + (version == MqttVersion.V5 ? 1 : 0) + PacketSpan.SizeOf(filter) + 1;
        return 1 + PacketSpan.SizeOfVariable((uint)body) + body;
    }

    internal static void Unsubscribe(IBufferWriter<byte> output, MqttVersion version, ushort packetId, ReadOnlySpan<string> filters)
    {
        var texts = 0;
        foreach (var filter in filters) { texts += PacketSpan.SizeOf(filter); }
        var packet = Request(output, version, PacketType.Unsubscribe, packetId, texts);
        foreach (var filter in filters) { packet.Counted(filter); }
        End(output, ref packet);
    }

    internal static void Ping(IBufferWriter<byte> output, PacketType type)
    {
        var packet = new PacketSpan(output.GetSpan(2));
        packet.Byte((int)type << 4);
        packet.Byte(0);
        output.Advance(2);
    }

    internal static void Disconnect(IBufferWriter<byte> output, MqttVersion version, MqttReason reason, uint? sessionExpirySeconds = null)
    {
        var packet = new PacketSpan(output.GetSpan(16));
        packet.Byte((int)PacketType.Disconnect << 4);
        if (version == MqttVersion.V5 && (reason != MqttReason.Success || sessionExpirySeconds is not null)) { packet.Byte((int)reason); }
        if (version == MqttVersion.V5 && sessionExpirySeconds is not null)
        {
            var place = packet.Length;
            packet.Property(PropertyId.SessionExpiryInterval, sessionExpirySeconds);
            packet.Prefix(place);
        }

        End(output, ref packet);
    }

    /// <summary>Starts SUBSCRIBE, UNSUBSCRIBE or their replies, without properties.</summary>
    internal static PacketSpan Request(IBufferWriter<byte> output, MqttVersion version, PacketType type, ushort packetId, int bytes)
    {
        var packet = new PacketSpan(output.GetSpan(FixedParts + bytes));
        packet.Byte(((int)type << 4) | (type is PacketType.Subscribe or PacketType.Unsubscribe ? 2 : 0));
        packet.TwoBytes(packetId);
        if (version == MqttVersion.V5) { packet.Byte(0); }
        return packet;
    }

    internal static void End(IBufferWriter<byte> output, ref PacketSpan packet)
    {
        packet.Prefix(place: 1);
        output.Advance(packet.Length);
    }

    private static long BodySize(MqttVersion version, in OutgoingPublish publish, int properties) =>
        2L + publish.Topic.Length + (publish.Qos > 0 ? 2 : 0) + publish.Payload.Length
        + (version == MqttVersion.V5 ? PacketSpan.SizeOfVariable((uint)properties) + properties : 0);

    private static int PropertiesSize(in OutgoingPublish publish)
    {
        var size = (publish.ExpirySeconds is null ? 0 : 5) + (publish.TopicAlias == 0 ? 0 : 3)
            + SizeOf(publish.ContentType) + SizeOf(publish.CorrelationData) + SizeOf(publish.ResponseTopic);
        foreach (var (name, value) in publish.UserProperties) { size += 1 + PacketSpan.SizeOf(name) + PacketSpan.SizeOf(value); }
        return size;

        static int SizeOf(ReadOnlySpan<byte> value) => value.IsEmpty ? 0 : 3 + value.Length;
    }
}
