using System.Buffers;

namespace StreamLearn.Mqtt;

/// <summary>Writes packets of both versions. What is written has been checked by the caller; nothing is allocated.</summary>
internal static class PacketWriter
{
    /// <summary>Bytes of a PUBLISH, header included, so that it can be held against the server's limit before it is written.</summary>
    internal static long Size(MqttVersion version, in OutgoingPublish publish) => throw new NotImplementedException();

    internal static void Publish(IBufferWriter<byte> output, MqttVersion version, in OutgoingPublish publish, ushort packetId, bool duplicate) =>
        throw new NotImplementedException();

    internal static void Connect(IBufferWriter<byte> output, in ConnectPacket connect) => throw new NotImplementedException();

    internal static void ConnAck(IBufferWriter<byte> output, MqttVersion version, in ConnAckPacket packet) => throw new NotImplementedException();

    /// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP; of success the short form.</summary>
    internal static void Ack(IBufferWriter<byte> output, MqttVersion version, PacketType type, ushort packetId, MqttReason reason = 0) =>
        throw new NotImplementedException();

    internal static void Subscribe(IBufferWriter<byte> output, MqttVersion version, ushort packetId, ReadOnlySpan<FilterRequest> filters) =>
        throw new NotImplementedException();

    internal static void Unsubscribe(IBufferWriter<byte> output, MqttVersion version, ushort packetId, ReadOnlySpan<string> filters) =>
        throw new NotImplementedException();

    /// <summary>SUBACK or UNSUBACK.</summary>
    internal static void SubAck(IBufferWriter<byte> output, MqttVersion version, PacketType type, ushort packetId, ReadOnlySpan<byte> reasons) =>
        throw new NotImplementedException();

    /// <summary>PINGREQ or PINGRESP.</summary>
    internal static void Ping(IBufferWriter<byte> output, PacketType type) => throw new NotImplementedException();

    internal static void Disconnect(IBufferWriter<byte> output, MqttVersion version, MqttReason reason, uint? sessionExpirySeconds = null) =>
        throw new NotImplementedException();
}
