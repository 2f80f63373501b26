namespace StreamLearn.Mqtt;

/// <summary>
/// Reads packets of both versions. Pure functions over spans: no allocation, no state. Whatever the standard calls malformed, or a
/// protocol error that one packet alone shows, is a fault with the code that fits; nothing throws.
/// </summary>
internal static class PacketReader
{
    /// <summary>
    /// Cuts the next packet off. A reserved type or wrong flags, a length of more than four bytes or above the limit are faults, told as
    /// soon as the header shows them.
    /// </summary>
    /// <param name="bytes">What has come and is not consumed.</param>
    /// <param name="maximumBytes">The largest packet allowed, header included.</param>
    /// <param name="frame">The packet.</param>
    /// <param name="consumed">Its bytes.</param>
    /// <param name="fault">Why there is none.</param>
    internal static FrameState Next(ReadOnlySpan<byte> bytes, int maximumBytes, out Frame frame, out int consumed, out MqttFault fault) =>
        throw new NotImplementedException();

    internal static bool TryRead(in Frame frame, MqttVersion version, out PublishPacket packet, out MqttFault fault) => throw new NotImplementedException();

    /// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out AckPacket packet, out MqttFault fault) => throw new NotImplementedException();

    /// <summary>SUBACK, UNSUBACK.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out SubAckPacket packet, out MqttFault fault) => throw new NotImplementedException();

    internal static bool TryRead(in Frame frame, MqttVersion version, out ConnAckPacket packet, out MqttFault fault) => throw new NotImplementedException();

    /// <summary>DISCONNECT, AUTH.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out ReasonPacket packet, out MqttFault fault) => throw new NotImplementedException();

    /// <summary>CONNECT, for servers in tests; the version is in the packet.</summary>
    internal static bool TryRead(in Frame frame, out ConnectPacket packet, out MqttFault fault) => throw new NotImplementedException();

    /// <summary>SUBSCRIBE and UNSUBSCRIBE, for servers in tests.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out ushort packetId, List<FilterRequest> filters, out MqttFault fault) =>
        throw new NotImplementedException();
}
