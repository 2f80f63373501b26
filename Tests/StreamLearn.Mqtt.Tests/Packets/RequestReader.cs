namespace StreamLearn.Mqtt.Tests;

/// <summary>Reads client packets: CONNECT, SUBSCRIBE, UNSUBSCRIBE; allocates.</summary>
internal static class RequestReader
{
    private const ulong OfWill = PropertySets.Message | (1UL << (int)PropertyId.WillDelayInterval);

    private const ulong OfConnect = PropertySets.Limits | PropertySets.Authentication | (1UL << (int)PropertyId.UserProperty)
        | (1UL << (int)PropertyId.RequestProblemInformation) | (1UL << (int)PropertyId.RequestResponseInformation);

    private const ulong OfSubscribe = (1UL << (int)PropertyId.UserProperty) | (1UL << (int)PropertyId.SubscriptionIdentifier);

    private const ulong OfUnsubscribe = 1UL << (int)PropertyId.UserProperty;

    private static MqttFault NoFilters => Wrong("there is no topic filter [MQTT-3.8.3-2] [MQTT-3.10.3-2]");

    private static MqttFault SubscribeOptions => Malformed("reserved bits of the subscription options are set [MQTT-3.8.3-5]");

    private static MqttFault SubscribeQos => Wrong("a subscription asks for QoS 3 (3.8.3.1)");

    private static MqttFault RetainHandling => Wrong("a subscription asks for retain handling 3 (3.8.3.1)");

    private static MqttFault NoLocalShared => Wrong("a shared subscription has no-local set [MQTT-3.8.3-4]");

    private static MqttFault Protocol => new(MqttReason.UnsupportedProtocolVersion,
        "the protocol is not MQTT 3.1.1 and not MQTT 5.0 [MQTT-3.1.2-1] [MQTT-3.1.2-2]");

    private static MqttFault ConnectReserved => Malformed("the reserved connect flag is set [MQTT-3.1.2-3]");

    private static MqttFault WillFlags =>
        Malformed("the will's QoS or retain flag is invalid [MQTT-3.1.2-11] [MQTT-3.1.2-12] [MQTT-3.1.2-13]");

    private static MqttFault PasswordAlone => Malformed("there is a password without a user name (MQTT 3.1.1, 3.1.2.9)");

    private static MqttFault NoClientId => new(MqttReason.ClientIdentifierNotValid,
        "a client without identifier requests a persistent session (MQTT 3.1.1, 3.1.3.1)");

    internal static bool TryRead(in Frame frame, out ConnectPacket packet, out MqttFault fault)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type != PacketType.Connect) { cursor.Fail(PacketFaults.OtherType); }
        var name = cursor.Text();
        var version = (MqttVersion)cursor.Byte();
        if (!name.SequenceEqual("MQTT"u8) || version is not (MqttVersion.V311 or MqttVersion.V5)) { cursor.Fail(Protocol); }
        var flags = cursor.Byte();
        FailFlags(ref cursor, version, flags);
        var keepAlive = cursor.TwoBytes();
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, OfConnect); }
        if (PacketReader.LacksMethod(properties)) { cursor.Fail(PacketFaults.DataWithoutMethod); }
        var clientId = cursor.Text();
        var isClean = (flags & 2) != 0;
        if (version == MqttVersion.V311 && clientId.IsEmpty && !isClean) { cursor.Fail(NoClientId); }
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
        if (version == MqttVersion.V5) { properties.Read(ref cursor, subscribes ? OfSubscribe : OfUnsubscribe); }
        if (cursor.Left == 0) { cursor.Fail(NoFilters); }
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
        if ((options & (version == MqttVersion.V5 ? 0xC0 : 0xFC)) != 0) { return SubscribeOptions; }
        if ((options & 3) == 3) { return SubscribeQos; }
        if ((options & 0x30) == 0x30) { return RetainHandling; }
        return (options & 4) != 0 && PacketText.IsShared(filter) ? NoLocalShared : null;
    }

    private static void FailFlags(ref PacketCursor cursor, MqttVersion version, byte flags)
    {
        if ((flags & 1) != 0) { cursor.Fail(ConnectReserved); }
        if ((flags & 0x18) == 0x18 || ((flags & 4) == 0 && (flags & 0x38) != 0)) { cursor.Fail(WillFlags); }
        if (version == MqttVersion.V311 && (flags & 0xC0) == 0x40) { cursor.Fail(PasswordAlone); }
    }

    private static MqttWill? ReadWill(ref PacketCursor cursor, MqttVersion version, byte flags)
    {
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, OfWill); }
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

    private static MqttFault Malformed(string text) => new(MqttReason.MalformedPacket, text);

    private static MqttFault Wrong(string text) => new(MqttReason.ProtocolError, text);
}
