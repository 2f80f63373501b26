namespace StreamLearn.Mqtt;

internal static class PacketCutter
{
    /// <summary>Reserved types, wrong flags and lengths above four bytes or the limit are faults once the header shows them.</summary>
    internal static FrameState Next(ReadOnlySpan<byte> bytes, int maximumBytes, out Frame frame, out int consumed, out MqttFault fault)
    {
        frame = default;
        (consumed, fault) = (0, default);
        if (bytes.IsEmpty) { return FrameState.More; }
        var (type, flags) = ((PacketType)(bytes[0] >> 4), (byte)(bytes[0] & 0x0F));
        if (HeaderFault(type, flags) is { } wrong) { return Refuse(wrong, out fault); }
        var (length, header) = (0, 1);
        while (true)
        {
            if (header == bytes.Length) { return FrameState.More; }
            var next = bytes[header];
            length |= (next & 0x7F) << (7 * (header - 1));
            header++;
            if (next < 0x80) { break; }
            if (header == 5) { return Refuse(PacketFaults.EndlessVariable, out fault); }
        }

        if (header > 2 && bytes[header - 1] == 0) { return Refuse(PacketFaults.LongVariable, out fault); }
        if (length != 0 && type is PacketType.PingReq or PacketType.PingResp) { return Refuse(PacketFaults.PingBody, out fault); }
        if (length > maximumBytes - header) { return Refuse(PacketFaults.TooLarge, out fault); }
        if (length > bytes.Length - header) { return FrameState.More; }
        frame = new(type, flags, bytes.Slice(header, length));
        consumed = header + length;
        return FrameState.Whole;
    }

    private static MqttFault? HeaderFault(PacketType type, byte flags) => type switch
    {
        0 => PacketFaults.ReservedType,
        PacketType.Publish => (flags & 6) == 6 ? PacketFaults.Qos3 : (flags & 14) == 8 ? PacketFaults.DuplicateQos0 : null,
        PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe => flags == 2 ? null : PacketFaults.HeaderFlags,
        _ => flags == 0 ? null : PacketFaults.HeaderFlags,
    };

    private static FrameState Refuse(MqttFault wrong, out MqttFault fault)
    {
        fault = wrong;
        return FrameState.Fault;
    }
}
