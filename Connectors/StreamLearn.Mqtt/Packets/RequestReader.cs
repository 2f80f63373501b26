using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Reads client packets: CONNECT, SUBSCRIBE, UNSUBSCRIBE; allocates.</summary>
internal static class RequestReader
{
    internal static bool TryRead(in Frame frame, out ConnectPacket packet, out MqttFault fault)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type != PacketType.Connect) { cursor.Fail(PacketFaults.OtherType); }
        var name = cursor.Text();
        var version = (MqttVersion)cursor.Byte();
        if (!name.SequenceEqual("MQTT"u8) || version is not (MqttVersion.V311 or MqttVersion.V5)) { cursor.Fail(PacketFaults.Protocol); }
        var flags = cursor.Byte();
        FailFlags(ref cursor, version, flags);
        var keepAlive = cursor.TwoBytes();
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, PropertySets.Connect); }
        if (PacketReader.LacksMethod(properties)) { cursor.Fail(PacketFaults.DataWithoutMethod); }
        var clientId = cursor.Text();
        var isClean = (flags & 2) != 0;
        if (version == MqttVersion.V311 && clientId.IsEmpty && !isClean) { cursor.Fail(PacketFaults.NoClientId); }
        var will = (flags & 4) != 0 ? ReadWill(ref cursor, version, flags) : null;
        var user = (flags & 0x80) != 0 ? Encoding.UTF8.GetString(cursor.Text()) : null;
        var password = (flags & 0x40) != 0 ? cursor.Binary() : default;
        var isSound = cursor.End(out fault);
        packet = !isSound ? default : new()
        {
            Version = version,
            ClientId = Encoding.UTF8.GetString(clientId),
            CleanStart = isClean,
            KeepAliveSeconds = keepAlive,
            UserName = user,
            Password = password,
            HasPassword = (flags & 0x40) != 0,
            Will = will,
            SessionExpirySeconds = properties.Number(PropertyId.SessionExpiryInterval),
            ReceiveMaximum = (ushort)properties.Number(PropertyId.ReceiveMaximum, ushort.MaxValue),
            MaximumPacketSize = properties.Number(PropertyId.MaximumPacketSize, uint.MaxValue),
            TopicAliasMaximum = (ushort)properties.Number(PropertyId.TopicAliasMaximum),
        };
        return isSound;
    }

    /// <summary>SUBSCRIBE, UNSUBSCRIBE; the list is cleared first, and empty after a fault.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out ushort packetId, List<FilterRequest> filters, out MqttFault fault)
    {
        filters.Clear();
        var cursor = new PacketCursor(frame.Body);
        var subscribes = frame.Type == PacketType.Subscribe;
        if (!subscribes && frame.Type != PacketType.Unsubscribe) { cursor.Fail(PacketFaults.OtherType); }
        packetId = cursor.PacketId();
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, subscribes ? PropertySets.Subscribe : PropertySets.Unsubscribe); }
        if (cursor.Left == 0) { cursor.Fail(PacketFaults.NoFilters); }
        while (cursor.Left > 0)
        {
            var filter = cursor.Binary();
            cursor.FailIf(PacketText.FilterFault(filter));
            var options = subscribes ? cursor.Byte() : (byte)0;
            if (subscribes) { cursor.FailIf(OptionsFault(version, options, filter)); }
            if (cursor.IsSound) { filters.Add(Request(version, Encoding.UTF8.GetString(filter), options, subscribes)); }
        }

        if (cursor.End(out fault)) { return true; }
        filters.Clear();
        packetId = 0;
        return false;
    }

    private static FilterRequest Request(MqttVersion version, string filter, byte options, bool subscribes) =>
        version == MqttVersion.V5 && subscribes
            ? new(filter, (byte)(options & 3), (options & 4) != 0, (options & 8) != 0, (byte)(options >> 4))
            : new(filter, (byte)(options & 3));

    private static MqttFault? OptionsFault(MqttVersion version, byte options, ReadOnlySpan<byte> filter)
    {
        if ((options & (version == MqttVersion.V5 ? 0xC0 : 0xFC)) != 0) { return PacketFaults.SubscribeOptions; }
        if ((options & 3) == 3) { return PacketFaults.SubscribeQos; }
        if ((options & 0x30) == 0x30) { return PacketFaults.RetainHandling; }
        return (options & 4) != 0 && PacketText.IsShared(filter) ? PacketFaults.NoLocalShared : null;
    }

    private static void FailFlags(ref PacketCursor cursor, MqttVersion version, byte flags)
    {
        if ((flags & 1) != 0) { cursor.Fail(PacketFaults.ConnectReserved); }
        if ((flags & 0x18) == 0x18 || ((flags & 4) == 0 && (flags & 0x38) != 0)) { cursor.Fail(PacketFaults.WillFlags); }
        if (version == MqttVersion.V311 && (flags & 0xC0) == 0x40) { cursor.Fail(PacketFaults.PasswordAlone); }
    }

    private static MqttWill? ReadWill(ref PacketCursor cursor, MqttVersion version, byte flags)
    {
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, PropertySets.Will); }
        var topic = cursor.Binary();
        var payload = cursor.Binary();
        if (topic.IsEmpty) { cursor.Fail(PacketFaults.EmptyTopic); }
        cursor.FailIf(PacketText.TopicFault(topic));
        cursor.FailIf(PacketReader.ResponseFault(properties));
        if (properties.Number(PropertyId.PayloadFormatIndicator) == 1 && !System.Text.Unicode.Utf8.IsValid(payload))
        {
            cursor.Fail(PacketFaults.NotText);
        }

        return !cursor.IsSound ? null : new(Encoding.UTF8.GetString(topic), payload.ToArray())
        {
            Qos = (flags >> 3) & 3,
            Retain = (flags & 0x20) != 0,
            Delay = TimeSpan.FromSeconds(properties.Number(PropertyId.WillDelayInterval)),
        };
    }
}
