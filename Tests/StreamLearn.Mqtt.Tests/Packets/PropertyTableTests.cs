namespace StreamLearn.Mqtt.Tests;

/// <summary>Which packet may have which property, and of which type it is. Source: MQTT 5.0, table 2-4, and 3.14.2.2 for the
/// senders.</summary>
public sealed class PropertyTableTests
{
    private const string Method = "15 00 01 6D";
    private const string Everywhere =
        "CONNECT WILL CONNACK PUBLISH CLIENT-PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE "
        + "UNSUBACK DISCONNECT CLIENT-DISCONNECT AUTH";
    private const string Messages = "PUBLISH CLIENT-PUBLISH WILL", Connecting = "CONNECT CONNACK", Authenticating = "CONNECT CONNACK AUTH";

    /// <summary>A value of each property, and the packets that may have it.</summary>
    private static readonly Dictionary<int, (string Value, string Packets)> Table = new()
    {
        [0x01] = ("01", Messages),
        [0x02] = ("00 00 00 01", Messages),
        [0x03] = ("00 01 61", Messages),
        [0x08] = ("00 01 61", Messages),
        [0x09] = ("00 01 FF", Messages),
        [0x0B] = ("81 01", "PUBLISH SUBSCRIBE"),
        [0x11] = ("00 00 00 01", "CONNECT CONNACK CLIENT-DISCONNECT"),
        [0x12] = ("00 01 61", "CONNACK"),
        [0x13] = ("00 01", "CONNACK"),
        [0x15] = ("00 01 61", Authenticating),
        [0x16] = ("00 01 FF", Authenticating),
        [0x17] = ("01", "CONNECT"),
        [0x18] = ("00 00 00 01", "WILL"),
        [0x19] = ("01", "CONNECT"),
        [0x1A] = ("00 01 61", "CONNACK"),
        [0x1C] = ("00 01 61", "CONNACK DISCONNECT"),
        [0x1F] = ("00 01 61", "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT CLIENT-DISCONNECT AUTH"),
        [0x21] = ("00 01", Connecting),
        [0x22] = ("00 01", Connecting),
        [0x23] = ("00 01", "PUBLISH CLIENT-PUBLISH"),
        [0x24] = ("01", "CONNACK"),
        [0x25] = ("01", "CONNACK"),
        [0x26] = ("00 01 61 00 01 62", Everywhere),
        [0x27] = ("00 00 00 01", Connecting),
        [0x28] = ("01", "CONNACK"),
        [0x29] = ("01", "CONNACK"),
        [0x2A] = ("01", "CONNACK"),
    };

    public static TheoryData<string> Packets => [.. Everywhere.Split(' ')];

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_packet_has_the_properties_of_the_table_and_no_others(string packet)
    {
        for (var id = 0; id < 128; id++)
        {
            var (value, packets) = Table.GetValueOrDefault(id, ("00", ""));
            var needs = id != 0x15 && (packet == "AUTH" || id == 0x16) ? Method : "";       // AUTH has one, and data goes with one
            Assert.True(
                IsRead(packet, $"{needs} {id:X2} {value}", out var fault) == packets.Split(' ').Contains(packet),
                $"{id:X2} {fault}");
        }
    }

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_property_stands_once_but_for_two(string packet)
    {
        foreach (var (id, (value, packets)) in Table)
        {
            if (!packets.Split(' ').Contains(packet)) { continue; }
            var needs = id != 0x15 && (packet == "AUTH" || id == 0x16) ? Method : "";
            var mayRepeat = id == 0x26 || (id == 0x0B && packet == "PUBLISH");
            Assert.True(IsRead(packet, $"{needs} {id:X2} {value} {id:X2} {value}", out var fault) == mayRepeat, $"{id:X2} {fault}");
        }
    }

    private static bool IsRead(string packet, string properties, out MqttFault fault)
    {
        var (first, before, after) = packet switch
        {
            "CONNECT" => (0x10, "00 04 4D 51 54 54 05 02 00 0A", "00 01 63"),
            "WILL" => (0x10, "00 04 4D 51 54 54 05 06 00 0A 00 00 01 63", "00 01 74 00 00"),
            "CONNACK" => (0x20, "00 00", ""),
            "PUBLISH" or "CLIENT-PUBLISH" => (0x30, "00 01 61", ""),
            "PUBACK" => (0x40, "00 01 00", ""),
            "PUBREC" => (0x50, "00 01 00", ""),
            "PUBREL" => (0x62, "00 01 00", ""),
            "PUBCOMP" => (0x70, "00 01 00", ""),
            "SUBSCRIBE" => (0x82, "00 01", "00 01 61 00"),
            "SUBACK" => (0x90, "00 01", "00"),
            "UNSUBSCRIBE" => (0xA2, "00 01", "00 01 61"),
            "UNSUBACK" => (0xB0, "00 01", "00"),
            "AUTH" => (0xF0, "18", ""),
            _ => (0xE0, "00", ""),
        };
        var values = Bytes.Of(properties);
        byte[] body = [.. Bytes.Of(before), (byte)values.Length, .. values, .. Bytes.Of(after)];
        var sender = packet.StartsWith("CLIENT-", StringComparison.Ordinal) ? Sender.Client : Sender.Server;
        return Reading.IsSound([(byte)first, (byte)body.Length, .. body], MqttVersion.V5, sender, [], out _, out fault);
    }
}
