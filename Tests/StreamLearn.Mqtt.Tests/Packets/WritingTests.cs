namespace StreamLearn.Mqtt.Tests;

/// <summary>What is written, byte for byte as the standards lay it out.</summary>
public sealed class WritingTests
{
    private const MqttVersion V4 = MqttVersion.V311;
    private const MqttVersion V5 = MqttVersion.V5;

    [Fact]
    public void Publish_at_qos_0() => Expect(
        "30 0A 0003 'a/b' 'hello'", "30 0B 0003 'a/b' 00 'hello'",
        static (o, v) => Publish(o, v, new() { Topic = "a/b"u8, Payload = Whole("hello") }));

    [Fact]
    public void Publish_with_qos_retain_and_dup() => Expect(
        "3B 06 0001 'a' 1234 'x'", "3B 07 0001 'a' 1234 00 'x'",
        static (o, v) => Publish(o, v, new() { Topic = "a"u8, Payload = Whole("x"), Qos = 1, Retain = true }, 0x1234, duplicate: true));

    [Fact]
    public void Publish_at_qos_2_without_payload() => Expect(
        "34 05 0001 'a' FFFF", "34 06 0001 'a' FFFF 00", static (o, v) => Publish(o, v, new() { Topic = "a"u8, Qos = 2 }, 0xFFFF));

    [Fact]
    public void Publish_joins_the_segments_of_its_payload() => Expect(
        "30 08 0001 'a' 'hello'", "30 09 0001 'a' 00 'hello'",
        static (o, v) => Publish(o, v, new() { Topic = "a"u8, Payload = Segments.Of("he"u8.ToArray(), [], "llo"u8.ToArray()) }));

    [Fact]
    public void Publish_has_the_properties_in_5_alone() => Expect(
        "30 03 0001 'a'",
        "30 23 0001 'a' 1F 02 00000E10 23 0005 03 0001 't' 08 0001 'r' 09 0001 'c' 26 0001 'k' 0005 'value'",
        static (o, v) => Publish(o, v, new()
        {
            Topic = "a"u8,
            ExpirySeconds = 3600,
            TopicAlias = 5,
            ContentType = "t"u8,
            ResponseTopic = "r"u8,
            CorrelationData = "c"u8,
            UserProperties = [new("k", "value")],
        }));

    [Fact]
    public void Publish_can_have_an_alias_for_its_topic() => Expect(
        null, "30 07 0000 03 23 0001 'x'", static (o, v) => Publish(o, v, new() { TopicAlias = 1, Payload = Whole("x") }));

    [Fact]
    public void Publish_writes_user_properties_as_utf8_in_order() => Expect(
        null, "30 14 0001 'a' 10 26 0002 C3BC 0004 F09F9880 26 0000 0000",
        static (o, v) => Publish(o, v, new() { Topic = "a"u8, UserProperties = [new("ü", "😀"), new("", "")] }));

    [Theory, InlineData(127, "7F"), InlineData(128, "8001"), InlineData(16_383, "FF7F"), InlineData(16_384, "808001")]
    [InlineData(2_097_151, "FFFF7F"), InlineData(2_097_152, "80808001")]
    public void The_remaining_length_takes_as_few_bytes_as_hold_it(int length, string expected)
    {
        var bytes = Bytes.Of(o => Publish(o, V4, new() { Topic = "a"u8, Payload = new(new byte[length - 3]) }));
        Assert.Equal(Bytes.Of("30" + expected), bytes[..(1 + (expected.Length / 2))]);
        Assert.Equal(1 + (expected.Length / 2) + length, bytes.Length);
        Assert.Equal(bytes.Length, PacketWriter.Size(V4, new() { Topic = "a"u8, Payload = new(new byte[length - 3]) }));
    }

    [Fact]
    public void A_message_beyond_the_largest_packet_has_a_size_and_is_not_written()
    {
        var part = new byte[1 << 20];
        var most = Segments.Of([.. Enumerable.Repeat(part, 255), part[..(1_048_575 - 3)]]);
        var more = Segments.Of([.. Enumerable.Repeat(part, 255), part[..(1_048_575 - 2)]]);
        Assert.Equal(PacketWriter.LargestPacket, PacketWriter.Size(V4, new() { Topic = "a"u8, Payload = most }));
        Assert.True(PacketWriter.Size(V4, new() { Topic = "a"u8, Payload = more }) > PacketWriter.LargestPacket);
        Assert.Throws<ArgumentOutOfRangeException>(() => Bytes.Of(o => Publish(o, V4, new() { Topic = "a"u8, Payload = more })));
    }

    [Fact]
    public void Acknowledgements_of_success_are_short() => Assert.All(
        new[] { (PacketType.PubAck, "40"), (PacketType.PubRec, "50"), (PacketType.PubRel, "62"), (PacketType.PubComp, "70") },
        static row => Expect($"{row.Item2} 02 0102", $"{row.Item2} 02 0102", (o, v) => PacketWriter.Ack(o, v, row.Item1, 0x0102)));

    [Fact]
    public void Acknowledgements_have_a_reason_in_5_alone() => Assert.All(
        new[] { (PacketType.PubAck, "40"), (PacketType.PubRec, "50"), (PacketType.PubRel, "62"), (PacketType.PubComp, "70") },
        static row => Expect(
            $"{row.Item2} 02 0102", $"{row.Item2} 03 0102 92",
            (o, v) => PacketWriter.Ack(o, v, row.Item1, 0x0102, MqttReason.PacketIdentifierNotFound)));

    [Fact]
    public void Subscribe_has_a_filter_and_its_options() => Expect(
        "82 0E 000A 0003 'a/b' 01 0003 '+/#' 02", "82 0F 000A 00 0003 'a/b' 09 0003 '+/#' 26",
        static (o, v) => PacketWriter.Subscribe(
            o, v, 10, [new("a/b", 1), new("+/#", 2, NoLocal: true, RetainAsPublished: false, RetainHandling: 2)]));

    [Fact]
    public void Unsubscribe_has_filters() => Expect(
        "A2 08 000A 0001 'a' 0001 '#'", "A2 09 000A 00 0001 'a' 0001 '#'", static (o, v) => PacketWriter.Unsubscribe(o, v, 10, ["a", "#"]));

    [Fact]
    public void Suback_and_unsuback_have_codes_but_not_the_unsuback_of_311()
    {
        Expect("90 04 000A 00 80", "90 05 000A 00 00 80", static (o, v) => ServerPackets.SubAck(o, v, PacketType.SubAck, 10, [0, 0x80]));
        Expect("B0 02 000A", "B0 05 000A 00 00 11", static (o, v) => ServerPackets.SubAck(o, v, PacketType.UnsubAck, 10, [0, 0x11]));
    }

    [Fact]
    public void Pings_are_two_bytes()
    {
        Expect("C0 00", "C0 00", static (o, _) => PacketWriter.Ping(o, PacketType.PingReq));
        Expect("D0 00", "D0 00", static (o, _) => PacketWriter.Ping(o, PacketType.PingResp));
    }

    [Fact]
    public void Disconnect_is_as_short_as_it_can_be()
    {
        Expect("E0 00", "E0 00", static (o, v) => PacketWriter.Disconnect(o, v, MqttReason.Success));
        Expect("E0 00", "E0 01 82", static (o, v) => PacketWriter.Disconnect(o, v, MqttReason.ProtocolError));
        Expect("E0 00", "E0 07 00 05 11 00000000", static (o, v) => PacketWriter.Disconnect(o, v, MqttReason.Success, 0));
        Expect("E0 00", "E0 07 04 05 11 0000003C", static (o, v) => PacketWriter.Disconnect(o, v, MqttReason.DisconnectWithWill, 60));
    }

    [Fact]
    public void Connect_of_311_has_no_properties()
    {
        Assert.Equal(Bytes.Of("10 0D 0004 'MQTT' 04 02 003C 0001 'c'"), Bytes.Of(static o => PacketWriter.Connect(
            o, new() { Version = V4, ClientId = "c", CleanStart = true, KeepAliveSeconds = 60, SessionExpirySeconds = 9 })));
        Assert.Equal(
            Bytes.Of("10 1C 0004 'MQTT' 04 F6 000A 0001 'c' 0001 't' 0003 'bye' 0001 'u' 0002 'pw'"),
            Bytes.Of(static o => PacketWriter.Connect(o, Full(V4))));
    }

    [Fact]
    public void Connect_of_5_has_the_limits_that_are_not_the_default()
    {
        Assert.Equal(Bytes.Of("10 0D 0004 'MQTT' 05 00 0000 00 0000"), Bytes.Of(static o => PacketWriter.Connect(o, new())));
        Assert.Equal(
            Bytes.Of("10 33 0004 'MQTT' 05 F6 000A 10 11 00000E10 21 0040 27 00010000 22 0010 0001 'c'"
                + "05 18 0000001E 0001 't' 0003 'bye' 0001 'u' 0002 'pw'"),
            Bytes.Of(static o => PacketWriter.Connect(o, Full(V5))));
    }

    [Fact]
    public void Connack_has_what_is_not_the_default()
    {
        Expect("20 02 01 00", "20 03 01 00 00", static (o, v) => ServerPackets.ConnAck(o, v, new() { SessionPresent = true }));
        Expect(
            "20 02 00 02", "20 03 00 85 00",
            static (o, v) => ServerPackets.ConnAck(o, v, new() { Reason = MqttReason.ClientIdentifierNotValid }));
        Expect(
            "20 02 00 00",
            "20 38 00 00 35 11 00000001 21 0002 24 01 25 00 27 00000003 12 0001 'c' 22 0004 1F 0001 'f' 28 00 29 00 2A 00"
                + "13 0005 1A 0001 'i' 1C 0001 's' 15 0001 'm' 16 0001 'd'",
            static (o, v) => ServerPackets.ConnAck(o, v, new()
            {
                SessionExpirySeconds = 1,
                ReceiveMaximum = 2,
                MaximumQos = 1,
                RetainAvailable = false,
                MaximumPacketSize = 3,
                AssignedClientId = "c"u8,
                TopicAliasMaximum = 4,
                ReasonText = "f"u8,
                WildcardsAvailable = false,
                SubscriptionIdentifiersAvailable = false,
                SharedSubscriptionsAvailable = false,
                ServerKeepAliveSeconds = 5,
                ResponseInformation = "i"u8,
                ServerReference = "s"u8,
                AuthenticationMethod = "m"u8,
                AuthenticationData = "d"u8,
            }));
    }

    [Theory]
    [InlineData((int)MqttReason.Success, 0)]
    [InlineData((int)MqttReason.UnsupportedProtocolVersion, 1)]
    [InlineData((int)MqttReason.ClientIdentifierNotValid, 2)]
    [InlineData((int)MqttReason.ServerUnavailable, 3)]
    [InlineData((int)MqttReason.BadUserNameOrPassword, 4)]
    [InlineData((int)MqttReason.NotAuthorized, 5)]
    public void Return_codes_of_311_come_back_as_the_reasons_they_were(int number, int code)
    {
        var reason = (MqttReason)number;
        var bytes = Bytes.Of(o => ServerPackets.ConnAck(o, V4, new() { Reason = reason }));
        Assert.Equal([0x20, 2, 0, (byte)code], bytes);
        Assert.Equal($"CONNACK {reason}", Reading.Of(bytes, V4));
    }

    [Fact]
    public void A_text_beyond_65535_bytes_is_not_written()
    {
        var text = new string('x', 65_536);
        Assert.Throws<OverflowException>(() => Bytes.Of(o => PacketWriter.Unsubscribe(o, V5, 1, [text])));
        Assert.Equal(65_536 + 8, Bytes.Of(o => PacketWriter.Unsubscribe(o, V5, 1, [text[1..]])).Length);
    }

    private static ConnectPacket Full(MqttVersion version) => new()
    {
        Version = version,
        ClientId = "c",
        CleanStart = true,
        KeepAliveSeconds = 10,
        UserName = "u",
        Password = "pw"u8,
        HasPassword = true,
        SessionExpirySeconds = 3600,
        ReceiveMaximum = 64,
        MaximumPacketSize = 65_536,
        TopicAliasMaximum = 16,
        Will = new("t", "bye"u8.ToArray()) { Qos = 2, Retain = true, Delay = TimeSpan.FromSeconds(30) },
    };

    private static void Publish(
        IBufferWriter<byte> output, MqttVersion version, in OutgoingPublish publish, ushort packetId = 0, bool duplicate = false) =>
        PacketWriter.Publish(output, version, publish, packetId, duplicate);

    private static ReadOnlySequence<byte> Whole(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    private static void Expect(string? in311, string in5, Action<IBufferWriter<byte>, MqttVersion> write)
    {
        if (in311 is not null) { Assert.Equal(Bytes.Of(in311), Bytes.Of(o => write(o, V4))); }
        Assert.Equal(Bytes.Of(in5), Bytes.Of(o => write(o, V5)));
    }
}
