namespace StreamLearn.Mqtt.Tests;

/// <summary>Writes the packets that only a server sends, for servers in tests.</summary>
internal static class ServerPackets
{
    /// <summary>CONNACK; in 3.1.1 the return code that comes next to the reason.</summary>
    internal static void ConnAck(IBufferWriter<byte> output, MqttVersion version, in ConnAckPacket packet)
    {
        var texts = packet.AssignedClientId.Length + packet.ReasonText.Length + packet.ServerReference.Length
            + packet.ResponseInformation.Length + packet.AuthenticationMethod.Length + packet.AuthenticationData.Length;
        var written = new PacketSpan(output.GetSpan(PacketWriter.FixedParts + texts));
        written.Byte((int)PacketType.ConnAck << 4);
        written.Byte(packet.SessionPresent ? 1 : 0);
        written.Byte(version == MqttVersion.V5 ? (int)packet.Reason : ReturnCode(packet.Reason));
        if (version == MqttVersion.V5)
        {
            var place = written.Length;
            written.Property(PropertyId.SessionExpiryInterval, packet.SessionExpirySeconds);
            written.Property(PropertyId.ReceiveMaximum, packet.ReceiveMaximum, absent: ushort.MaxValue);
            written.Property(PropertyId.MaximumQos, packet.MaximumQos, absent: 2);
            written.Property(PropertyId.RetainAvailable, Number(packet.RetainAvailable), absent: 1);
            written.Property(PropertyId.MaximumPacketSize, packet.MaximumPacketSize, absent: uint.MaxValue);
            written.Property(PropertyId.AssignedClientIdentifier, packet.AssignedClientId);
            written.Property(PropertyId.TopicAliasMaximum, packet.TopicAliasMaximum, absent: 0);
            written.Property(PropertyId.ReasonString, packet.ReasonText);
            written.Property(PropertyId.WildcardSubscriptionAvailable, Number(packet.WildcardsAvailable), absent: 1);
            written.Property(PropertyId.SubscriptionIdentifierAvailable, Number(packet.SubscriptionIdentifiersAvailable), absent: 1);
            written.Property(PropertyId.SharedSubscriptionAvailable, Number(packet.SharedSubscriptionsAvailable), absent: 1);
            written.Property(PropertyId.ServerKeepAlive, packet.ServerKeepAliveSeconds);
            written.Property(PropertyId.ResponseInformation, packet.ResponseInformation);
            written.Property(PropertyId.ServerReference, packet.ServerReference);
            written.Property(PropertyId.AuthenticationMethod, packet.AuthenticationMethod);
            written.Property(PropertyId.AuthenticationData, packet.AuthenticationData);
            written.Prefix(place);
        }
        PacketWriter.End(output, ref written);
    }

    /// <summary>SUBACK or UNSUBACK; UNSUBACK of 3.1.1 has no codes.</summary>
    internal static void SubAck(
        IBufferWriter<byte> output, MqttVersion version, PacketType type, ushort packetId, ReadOnlySpan<byte> reasons)
    {
        var packet = PacketWriter.Request(output, version, type, packetId, reasons.Length);
        if (version == MqttVersion.V5 || type == PacketType.SubAck) { packet.Raw(reasons); }
        PacketWriter.End(output, ref packet);
    }

    private static uint Number(bool value) => value ? 1u : 0u;

    /// <summary>The closest 3.1.1 return code.</summary>
    private static byte ReturnCode(MqttReason reason) => reason switch
    {
        MqttReason.Success => 0,
        MqttReason.UnsupportedProtocolVersion => 1,
        MqttReason.ClientIdentifierNotValid => 2,
        MqttReason.BadUserNameOrPassword or MqttReason.BadAuthenticationMethod => 4,
        MqttReason.NotAuthorized or MqttReason.Banned => 5,
        _ => 3,
    };
}
