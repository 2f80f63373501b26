namespace StreamLearn.Testing;

/// <summary>What no server of MQTT may send. Of each: its bytes, and the reason codes that fit; where the standard leaves open whether a
/// packet is malformed or a protocol error, both.</summary>
public static class MalformedVectors
{
    private const byte MalformedPacket = 0x81, ProtocolError = 0x82;
    private const byte TopicNameInvalid = 0x90, TopicAliasInvalid = 0x94, PacketTooLarge = 0x95;
    private static readonly byte[] Either = [MalformedPacket, ProtocolError];

    /// <summary>To a client of MQTT 5 that is subscribed.</summary>
    public static IReadOnlyDictionary<string, (string Hex, IReadOnlyList<byte> Reasons)> V5 { get; } =
        new Dictionary<string, (string Hex, IReadOnlyList<byte> Reasons)>
        {
            ["reserved type 0"] = ("00 00", Either),
            ["length of five bytes"] = ("30 80 80 80 80 01", [MalformedPacket]),
            ["larger than allowed"] = ("30 FF FF FF 7F", [PacketTooLarge]),
            ["CONNECT from a server"] = ("10 0D 00 04 4D 51 54 54 05 02 00 3C 00 00 00", [ProtocolError]),
            ["a second CONNACK"] = ("20 03 00 00 00", [ProtocolError]),
            ["SUBSCRIBE from a server"] = ("82 07 00 01 00 00 01 61 00", [ProtocolError]),
            ["UNSUBSCRIBE from a server"] = ("A2 06 00 01 00 00 01 61", [ProtocolError]),
            ["PINGREQ from a server"] = ("C0 00", [ProtocolError]),
            ["AUTH without authentication"] = ("F0 02 18 00", [ProtocolError]),
            ["SUBACK that nobody waits for"] = ("90 04 7F 00 00 00", Either),
            ["PINGRESP with a body"] = ("D0 01 00", [MalformedPacket]),
            ["PINGRESP with flags"] = ("D1 00", [MalformedPacket]),
            ["PUBREL without its flags"] = ("60 02 00 01", [MalformedPacket]),
            ["PUBACK with flags"] = ("41 02 00 01", [MalformedPacket]),
            ["PUBACK cut short"] = ("40 01 00", [MalformedPacket]),
            ["PUBACK of packet 0"] = ("40 02 00 00", Either),
            ["PUBACK with an unknown code"] = ("40 03 00 01 05", Either),
            ["PUBLISH at QoS 3"] = ("36 07 00 01 61 00 01 00 78", [MalformedPacket]),
            ["PUBLISH twice at QoS 0"] = ("38 05 00 01 61 00 78", Either),
            ["PUBLISH of packet 0"] = ("32 07 00 01 61 00 00 00 78", Either),
            ["PUBLISH without a body"] = ("30 00", [MalformedPacket]),
            ["topic longer than the packet"] = ("30 04 00 09 61 00", [MalformedPacket]),
            ["topic with a wildcard"] = ("30 05 00 01 23 00 78", [.. Either, TopicNameInvalid]),
            ["topic with a wildcard inside"] = ("30 07 00 03 61 2F 2B 00 78", [.. Either, TopicNameInvalid]),
            ["topic with NUL"] = ("30 05 00 01 00 00 78", [.. Either, TopicNameInvalid]),
            ["topic that is not UTF-8"] = ("30 05 00 01 FF 00 78", [MalformedPacket]),
            ["topic with half of a pair"] = ("30 07 00 03 ED A0 80 00 78", [MalformedPacket]),
            ["topic in too many bytes"] = ("30 06 00 02 C1 81 00 78", [MalformedPacket]),
            ["no topic and no alias"] = ("30 04 00 00 00 78", [ProtocolError]),
            ["topic alias 0"] = ("30 08 00 01 61 03 23 00 00 78", [TopicAliasInvalid, ProtocolError]),
            ["topic alias beyond the maximum"] = ("30 08 00 01 61 03 23 FF FF 78", [TopicAliasInvalid]),
            ["topic alias that stands for nothing"] = ("30 07 00 00 03 23 00 01 78", [TopicAliasInvalid, ProtocolError]),
            ["properties longer than the packet"] = ("30 05 00 01 61 09 78", [MalformedPacket]),
            ["length of properties in five bytes"] = ("30 09 00 01 61 80 80 80 80 01 78", [MalformedPacket]),
            ["a property that does not exist"] = ("30 07 00 01 61 02 7F 00 78", Either),
            ["a property of another packet"] = ("30 0A 00 01 61 05 11 00 00 00 01 78", Either),
            ["a property twice"] = ("30 09 00 01 61 04 01 00 01 00 78", [ProtocolError]),
            ["a property cut short"] = ("30 08 00 01 61 03 02 00 00 78", [MalformedPacket]),
            ["payload format 2"] = ("30 07 00 01 61 02 01 02 78", Either),
            ["subscription identifier 0"] = ("30 07 00 01 61 02 0B 00 78", [ProtocolError]),
            ["response topic with a wildcard"] = ("30 09 00 01 61 04 08 00 01 23 78", [.. Either, TopicNameInvalid]),
            ["user property cut short"] = ("30 0A 00 01 61 05 26 00 01 61 00 78", [MalformedPacket]),
            ["user property that is not UTF-8"] = ("30 0C 00 01 61 07 26 00 01 FF 00 01 61 78", [MalformedPacket]),
            ["content type with NUL"] = ("30 09 00 01 61 04 03 00 01 00 78", [MalformedPacket]),
            ["DISCONNECT with session expiry"] = ("E0 07 00 05 11 00 00 00 01", Either),
            ["DISCONNECT with flags"] = ("E1 00", [MalformedPacket]),
            ["DISCONNECT with an unknown code"] = ("E0 02 05 00", Either),
        };

    /// <summary>To a client of 3.1.1 that is subscribed. It has no codes: the connection just ends.</summary>
    public static IReadOnlyDictionary<string, string> V311 { get; } = new Dictionary<string, string>
    {
        ["reserved type 0"] = "00 00",
        ["reserved type 15"] = "F0 00",
        ["length of five bytes"] = "30 80 80 80 80 01",
        ["a second CONNACK"] = "20 02 00 00",
        ["DISCONNECT from a server"] = "E0 00",
        ["PINGREQ from a server"] = "C0 00",
        ["SUBACK that nobody waits for"] = "90 03 7F 00 00",
        ["PUBREL without its flags"] = "60 02 00 01",
        ["PUBLISH at QoS 3"] = "36 06 00 01 61 00 01 78",
        ["PUBLISH twice at QoS 0"] = "38 04 00 01 61 78",
        ["PUBLISH of packet 0"] = "32 06 00 01 61 00 00 78",
        ["topic with a wildcard"] = "30 04 00 01 23 78",
        ["topic that is not UTF-8"] = "30 04 00 01 FF 78",
        ["no topic"] = "30 03 00 00 78",
    };

    /// <summary>In place of the first CONNACK of MQTT 5.</summary>
    public static IReadOnlyDictionary<string, string> Greetings { get; } = new Dictionary<string, string>
    {
        ["PUBLISH before CONNACK"] = "30 05 00 01 61 00 78",
        ["SUBACK before CONNACK"] = "90 04 00 01 00 01",
        ["PINGRESP before CONNACK"] = "D0 00",
        ["CONNACK with reserved flags"] = "20 03 02 00 00",
        ["CONNACK with a session that was not asked for"] = "20 03 01 00 00",
        ["CONNACK cut short"] = "20 01 00",
        ["CONNACK with receive maximum 0"] = "20 06 00 00 03 21 00 00",
        ["CONNACK with maximum QoS 2"] = "20 05 00 00 02 24 02",
        ["CONNACK with a maximum packet size of 0"] = "20 08 00 00 05 27 00 00 00 00",
        ["CONNACK with a property twice"] = "20 07 00 00 04 25 01 25 01",
        ["CONNACK with an unknown code"] = "20 03 00 05 00",
        ["bytes of another protocol"] = "48 54 54 50 2F 31 2E 31",
    };
}
