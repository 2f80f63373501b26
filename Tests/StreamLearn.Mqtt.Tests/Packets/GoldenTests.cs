namespace StreamLearn.Mqtt.Tests;

/// <summary>Every packet, and every property in every packet that may have it, byte for byte as the standards lay them out.</summary>
public sealed class GoldenTests
{
    private const string Long = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>Version, sender, bytes, what they say.</summary>
    public static TheoryData<int, string, string, string> Packets => new()
    {
        // PUBLISH
        { 5, "server", "30 04 0001 'a' 00", "PUBLISH topic='a'" },
        { 4, "server", "30 03 0001 'a'", "PUBLISH topic='a'" },
        { 5, "server", "30 0B 0003 'a/b' 00 'hello'", "PUBLISH topic='a/b' payload='hello'" },
        { 4, "server", "30 0A 0003 'a/b' 'hello'", "PUBLISH topic='a/b' payload='hello'" },
        { 5, "server", "33 07 0001 'a' 0007 00 'x'", "PUBLISH topic='a' qos=1 id=7 retain payload='x'" },
        { 4, "server", "33 06 0001 'a' 0007 'x'", "PUBLISH topic='a' qos=1 id=7 retain payload='x'" },
        { 5, "server", "3C 06 0001 'a' FFFF 00", "PUBLISH topic='a' qos=2 id=65535 dup" },
        { 4, "server", "3C 05 0001 'a' FFFF", "PUBLISH topic='a' qos=2 id=65535 dup" },
        { 5, "server", "30 05 0002 C3BC 00", "PUBLISH topic='ü'" },
        { 5, "server", "30 07 0004 F09F9880 00", "PUBLISH topic='😀'" },
        { 5, "server", "30 07 0004 EFBBBF 'a' 00", "PUBLISH topic='\uFEFFa'" },
        { 4, "server", "30 05 0003 EFBFBF", "PUBLISH topic='\uFFFF'" },
        { 5, "server", "30 06 0001 'a' 02 01 00", "PUBLISH topic='a'" },
        { 5, "server", "30 08 0001 'a' 02 01 01 C3BC", "PUBLISH topic='a' text payload='ü'" },
        { 5, "server", "30 09 0001 'a' 05 02 00000E10", "PUBLISH topic='a' expiry=3600" },
        { 5, "server", "30 09 0001 'a' 05 02 00000000", "PUBLISH topic='a' expiry=0" },
        { 5, "server", "30 09 0001 'a' 05 02 FFFFFFFF", "PUBLISH topic='a' expiry=4294967295" },
        { 5, "server", "30 08 0001 'a' 04 03 0001 'j'", "PUBLISH topic='a' content='j'" },
        { 5, "server", "30 08 0001 'a' 04 08 0001 'r'", "PUBLISH topic='a' response='r'" },
        { 5, "server", "30 09 0001 'a' 05 09 0002 'id'", "PUBLISH topic='a' correlation='id'" },
        { 5, "server", "30 06 0001 'a' 02 0B 01", "PUBLISH topic='a'" },
        { 5, "server", "30 0B 0001 'a' 07 0B FFFFFF7F 0B 01", "PUBLISH topic='a'" },
        { 5, "server", "30 07 0001 'a' 03 23 0001", "PUBLISH topic='a' alias=1" },
        { 5, "server", "30 07 0000 03 23 FFFF 'x'", "PUBLISH alias=65535 payload='x'" },
        { 5, "client", "30 07 0000 03 23 FFFF 'x'", "PUBLISH alias=65535 payload='x'" },
        { 5, "server", "30 0B 0001 'a' 07 26 0001 'k' 0001 'v'", "PUBLISH topic='a' user='k' is='v'" },
        {
            5, "server", "30 16 0001 'a' 12 26 0001 'k' 0001 'v' 26 0001 'k' 0000 26 0000 0000",
            "PUBLISH topic='a' user='k' is='v' user='k'"
        },
        {
            5, "server",
            "3B 30 0003 'a/b' 0102 26 26 0001 'k' 0001 'v' 23 0005 0B 8001 09 0001 'c' 08 0001 'r' 03 0001 't' 02 00000009 01 01"
                + "26 0001 'n' 0000 '!!'",
            "PUBLISH topic='a/b' qos=1 id=258 retain dup text alias=5 expiry=9 response='r' correlation='c' content='t'"
                + " user='k' is='v' user='n' payload='!!'"
        },

        // PUBACK, PUBREC, PUBREL, PUBCOMP
        { 4, "server", "40 02 0001", "PUBACK id=1 Success" },
        { 5, "server", "40 02 0001", "PUBACK id=1 Success" },
        { 5, "server", "40 03 0001 10", "PUBACK id=1 NoMatchingSubscribers" },
        { 5, "server", "40 04 0001 00 00", "PUBACK id=1 Success" },
        { 5, "server", "40 08 0001 97 04 1F 0001 'f'", "PUBACK id=1 QuotaExceeded text='f'" },
        { 5, "server", "40 0F 0001 80 0B 1F 0001 'f' 26 0001 'k' 0001 'v'", "PUBACK id=1 UnspecifiedError text='f'" },
        { 4, "server", "50 02 FFFF", "PUBREC id=65535 Success" },
        { 5, "server", "50 02 FFFF", "PUBREC id=65535 Success" },
        { 5, "server", "50 03 0002 91", "PUBREC id=2 PacketIdentifierInUse" },
        { 5, "server", "50 08 0002 87 04 1F 0001 'f'", "PUBREC id=2 NotAuthorized text='f'" },
        { 5, "server", "50 0B 0002 99 07 26 0001 'k' 0001 'v'", "PUBREC id=2 PayloadFormatInvalid" },
        { 4, "server", "62 02 0003", "PUBREL id=3 Success" },
        { 5, "server", "62 02 0003", "PUBREL id=3 Success" },
        { 5, "server", "62 03 0003 92", "PUBREL id=3 PacketIdentifierNotFound" },
        { 5, "server", "62 0F 0003 92 0B 26 0001 'k' 0001 'v' 1F 0001 'f'", "PUBREL id=3 PacketIdentifierNotFound text='f'" },
        { 4, "server", "70 02 0004", "PUBCOMP id=4 Success" },
        { 5, "server", "70 02 0004", "PUBCOMP id=4 Success" },
        { 5, "server", "70 03 0004 92", "PUBCOMP id=4 PacketIdentifierNotFound" },
        { 5, "server", "70 0F 0004 00 0B 26 0001 'k' 0001 'v' 1F 0001 'f'", "PUBCOMP id=4 Success text='f'" },

        // SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK
        { 4, "client", "82 06 0001 0001 'a' 01", "SUBSCRIBE id=1 'a' qos=1" },
        { 5, "client", "82 07 0001 00 0001 'a' 01", "SUBSCRIBE id=1 'a' qos=1 clear-retain" },
        { 4, "client", "82 0D 000A 0003 'a/b' 01 0002 '/#' 02", "SUBSCRIBE id=10 'a/b' qos=1 '/#' qos=2" },
        {
            5, "client", "82 13 000A 02 0B 01 0003 'a/b' 2E 0001 '+' 18 0001 '#' 04",
            "SUBSCRIBE id=10 'a/b' qos=2 no-local handling=2 '+' handling=1 '#' no-local clear-retain"
        },
        { 5, "client", "82 0E 000A 07 26 0001 'k' 0001 'v' 0001 'a' 08", "SUBSCRIBE id=10 'a'" },
        { 5, "client", "82 10 000A 00 000A '$share/g/+' 0A", "SUBSCRIBE id=10 '$share/g/+' qos=2" },
        { 4, "server", "90 03 0001 00", "SUBACK id=1 [00]" },
        { 4, "server", "90 06 0001 00 01 02 80", "SUBACK id=1 [00010280]" },
        { 5, "server", "90 04 0001 00 00", "SUBACK id=1 [00]" },
        { 5, "server", "90 0F 0001 00 00 01 02 80 83 87 8F 91 97 9E A1 A2", "SUBACK id=1 [0001028083878F91979EA1A2]" },
        { 5, "server", "90 0F 0001 0B 1F 0001 'f' 26 0001 'k' 0001 'v' 02", "SUBACK id=1 [02] text='f'" },
        { 4, "client", "A2 05 0002 0001 'a'", "UNSUBSCRIBE id=2 'a'" },
        { 5, "client", "A2 06 0002 00 0001 'a'", "UNSUBSCRIBE id=2 'a'" },
        { 5, "client", "A2 10 0002 07 26 0001 'k' 0001 'v' 0001 'a' 0001 '#'", "UNSUBSCRIBE id=2 'a' '#'" },
        { 4, "server", "B0 02 0002", "UNSUBACK id=2 []" },
        { 5, "server", "B0 0A 0002 00 00 11 80 83 87 8F 91", "UNSUBACK id=2 [00118083878F91]" },
        { 5, "server", "B0 0F 0002 0B 1F 0001 'f' 26 0001 'k' 0001 'v' 00", "UNSUBACK id=2 [00] text='f'" },

        // PINGREQ, PINGRESP
        { 4, "client", "C0 00", "PINGREQ" },
        { 5, "client", "C0 00", "PINGREQ" },
        { 4, "server", "D0 00", "PINGRESP" },
        { 5, "server", "D0 00", "PINGRESP" },

        // DISCONNECT, AUTH
        { 4, "client", "E0 00", "DISCONNECT Success" },
        { 5, "client", "E0 00", "DISCONNECT Success" },
        { 5, "server", "E0 00", "DISCONNECT Success" },
        { 5, "client", "E0 01 04", "DISCONNECT DisconnectWithWill" },
        { 5, "client", "E0 07 00 05 11 0000003C", "DISCONNECT Success expiry=60" },
        { 5, "server", "E0 01 8E", "DISCONNECT SessionTakenOver" },
        { 5, "server", "E0 02 8B 00", "DISCONNECT ServerShuttingDown" },
        { 5, "server", "E0 0A 9C 08 1C 0005 'other'", "DISCONNECT UseAnotherServer server='other'" },
        { 5, "server", "E0 06 81 04 1F 0001 'f'", "DISCONNECT MalformedPacket text='f'" },
        { 5, "server", "E0 09 98 07 26 0001 'k' 0001 'v'", "DISCONNECT AdministrativeAction" },
        { 5, "server", "F0 00", "AUTH Success" },
        { 5, "server", "F0 07 18 05 15 0002 'SC'", "AUTH ContinueAuthentication method='SC'" },
        { 5, "client", "F0 07 19 05 15 0002 'SC'", "AUTH Reauthenticate method='SC'" },
        {
            5, "server", "F0 16 00 14 16 0001 'd' 15 0002 'SC' 1F 0001 'f' 26 0001 'k' 0001 'v'",
            "AUTH Success text='f' method='SC' data='d'"
        },

        // CONNACK
        { 4, "server", "20 02 00 00", "CONNACK Success" },
        { 4, "server", "20 02 01 00", "CONNACK present Success" },
        { 4, "server", "20 02 00 01", "CONNACK UnsupportedProtocolVersion" },
        { 4, "server", "20 02 00 02", "CONNACK ClientIdentifierNotValid" },
        { 4, "server", "20 02 00 03", "CONNACK ServerUnavailable" },
        { 4, "server", "20 02 00 04", "CONNACK BadUserNameOrPassword" },
        { 4, "server", "20 02 00 05", "CONNACK NotAuthorized" },
        { 5, "server", "20 02 00 01", "CONNACK UnsupportedProtocolVersion" },
        { 5, "server", "20 03 00 00 00", "CONNACK Success" },
        { 5, "server", "20 03 01 00 00", "CONNACK present Success" },
        { 5, "server", "20 03 00 9F 00", "CONNACK ConnectionRateExceeded" },
        { 5, "server", "20 08 00 00 05 11 00000078", "CONNACK Success expiry=120" },
        { 5, "server", "20 06 00 00 03 21 0014", "CONNACK Success receive=20" },
        { 5, "server", "20 05 00 00 02 24 00", "CONNACK Success qos=0" },
        { 5, "server", "20 05 00 00 02 24 01", "CONNACK Success qos=1" },
        { 5, "server", "20 05 00 00 02 25 00", "CONNACK Success no-retain" },
        { 5, "server", "20 05 00 00 02 25 01", "CONNACK Success" },
        { 5, "server", "20 08 00 00 05 27 00000400", "CONNACK Success size=1024" },
        { 5, "server", "20 07 00 00 04 12 0001 'c'", "CONNACK Success client='c'" },
        { 5, "server", "20 06 00 00 03 22 000A", "CONNACK Success aliases=10" },
        { 5, "server", "20 07 00 80 04 1F 0001 'f'", "CONNACK UnspecifiedError text='f'" },
        { 5, "server", "20 0A 00 00 07 26 0001 'k' 0001 'v'", "CONNACK Success" },
        { 5, "server", "20 05 00 00 02 28 00", "CONNACK Success no-wildcards" },
        { 5, "server", "20 05 00 00 02 28 01", "CONNACK Success" },
        { 5, "server", "20 05 00 00 02 29 00", "CONNACK Success no-identifiers" },
        { 5, "server", "20 05 00 00 02 2A 00", "CONNACK Success no-shared" },
        { 5, "server", "20 06 00 00 03 13 000A", "CONNACK Success keep-alive=10" },
        { 5, "server", "20 06 00 00 03 13 0000", "CONNACK Success keep-alive=0" },
        { 5, "server", "20 07 00 00 04 1A 0001 'i'", "CONNACK Success information='i'" },
        { 5, "server", "20 08 00 9D 05 1C 0002 'to'", "CONNACK ServerMoved server='to'" },
        { 5, "server", "20 0B 00 00 08 15 0001 'm' 16 0001 'd'", "CONNACK Success method='m' data='d'" },

        // CONNECT
        { 4, "client", "10 0D 0004 'MQTT' 04 02 003C 0001 'c'", "CONNECT V311 'c' clean keep-alive=60" },
        { 4, "client", "10 0C 0004 'MQTT' 04 02 0000 0000", "CONNECT V311 '' clean" },
        { 5, "client", "10 0E 0004 'MQTT' 05 02 003C 00 0001 'c'", "CONNECT V5 'c' clean keep-alive=60" },
        { 5, "client", "10 0D 0004 'MQTT' 05 00 0000 00 0000", "CONNECT V5 ''" },
        {
            4, "client", "10 1C 0004 'MQTT' 04 F6 000A 0001 'c' 0001 't' 0003 'bye' 0001 'u' 0002 'pw'",
            "CONNECT V311 'c' clean keep-alive=10 user='u' password='pw' will='t' qos=2 retain delay=0 payload='bye'"
        },
        { 5, "client", "10 11 0004 'MQTT' 05 40 0000 00 0001 'c' 0001 'p'", "CONNECT V5 'c' password='p'" },
        {
            5, "client", "10 29 0004 'MQTT' 05 0C 000A 10 11 00000E10 21 0040 27 00010000 22 0010 0001 'c' 05 18 0000001E 0001 't' 0000",
            "CONNECT V5 'c' keep-alive=10 expiry=3600 receive=64 size=65536 aliases=16 will='t' qos=1 delay=30"
        },
        {
            5, "client", "10 21 0004 'MQTT' 05 02 0000 13 17 01 19 00 15 0001 'm' 16 0001 'd' 26 0001 'k' 0001 'v' 0001 'c'",
            "CONNECT V5 'c' clean"
        },
        {
            5, "client",
            "10 2F 0004 'MQTT' 05 04 0000 00 0001 'c' 1A 01 01 02 00000001 03 0001 't' 08 0001 'r' 09 0001 'c' 26 0001 'k' 0001 'v'"
                + "0001 't' 0001 'x'",
            "CONNECT V5 'c' will='t' qos=0 delay=0 payload='x'"
        },

        // a length of two bytes
        { 4, "server", $"30 8301 0001 'a' {Long} {Long} {Long} {Long}", $"PUBLISH topic='a' payload='{new string('\0', 128)}'" },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void Bytes_say_what_the_standard_says(int version, string sender, string bytes, string expected) =>
        Assert.Equal(expected, Reading.Of(Bytes.Of(bytes), (MqttVersion)version, SenderOf(sender)));

    [Theory]
    [MemberData(nameof(Packets))]
    public void However_the_bytes_are_split_the_reading_is_the_same(int version, string sender, string bytes, string expected)
    {
        var whole = Bytes.Of(bytes);
        byte[] followed = [.. whole, 0x30, 0xFF, 0x00];
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Equal("more", Reading.Of(whole.AsSpan(0, length), (MqttVersion)version, SenderOf(sender)));
        }
        Assert.Equal(expected, Reading.Of(followed, (MqttVersion)version, SenderOf(sender)));
        Assert.Equal(FrameState.Whole, PacketCutter.Next(followed, whole.Length, out _, out var consumed, out _));
        Assert.Equal(whole.Length, consumed);
    }

    [Fact]
    public void Every_packet_type_and_every_property_is_among_the_golden_bytes()
    {
        var packets = Packets.Select(row => Bytes.Of(row.Data.Item3)).ToList();
        var types = packets.Select(bytes => (PacketType)(bytes[0] >> 4)).Distinct().Order();
        Assert.Equal(Enum.GetValues<PacketType>(), types);
        Assert.All(Enum.GetValues<PropertyId>(), id => Assert.Contains(packets, bytes => bytes.Contains((byte)id)));
    }

    internal static Sender SenderOf(string sender) => sender == "server" ? Sender.Server : Sender.Client;
}
