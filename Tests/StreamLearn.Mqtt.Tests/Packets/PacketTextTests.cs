namespace StreamLearn.Mqtt.Tests;

/// <summary>Texts and topics against a slow, plain reading of the standard.</summary>
public sealed class PacketTextTests
{
    [Fact]
    public void All_texts_of_up_to_two_bytes_and_all_beginnings_of_three_are_judged_as_the_standard_does()
    {
        var text = new byte[3];
        for (var i = 0; i < 1 << 16; i++)
        {
            (text[0], text[1]) = ((byte)(i >> 8), (byte)i);
            Judge(text.AsSpan(0, 1));
            Judge(text.AsSpan(0, 2));
            foreach (var last in (byte[])[0x00, 0x2B, 0x61, 0x7F, 0x80, 0xBF, 0xC0]) { text[2] = last; Judge(text); }
        }
    }

    [Fact]
    public void Random_texts_of_all_lengths_are_judged_as_the_standard_does()
    {
        var random = new RandomStream(1, "texts");
        string[] parts = ["a", "/", "0", "ü", "€", "😀", "\0", "+", "#", "\u007F", "\uFEFF", "sensors/"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = new List<byte>();
            for (var n = random.NextInt32(20); n >= 0; n--)
            {
                if (random.NextInt32(30) == 0) { text.Add((byte)random.NextInt32(256)); }
                else { text.AddRange(Encoding.UTF8.GetBytes(parts[random.NextInt32(random.NextInt32(4) == 0 ? parts.Length : 6)])); }
            }
            Judge([.. text]);
        }
    }

    [Fact]
    public void A_wrong_byte_is_found_wherever_it_is()
    {
        foreach (var length in (int[])[1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200])
        {
            for (var place = 0; place < length; place++)
            {
                var topic = Encoding.ASCII.GetBytes(new string('t', length));
                Assert.Null(PacketText.TopicFault(topic));
                topic[place] = (byte)'#';
                Assert.Equal(MqttReason.ProtocolError, PacketText.TopicFault(topic)?.Reason);
                topic[place] = 0;
                Assert.Equal(MqttReason.MalformedPacket, PacketText.TopicFault(topic)?.Reason);
                topic[place] = 0xC3;
                Assert.Equal(MqttReason.MalformedPacket, PacketText.TopicFault(topic)?.Reason);
            }
        }
    }

    [Theory, InlineData("a"), InlineData("/"), InlineData("//"), InlineData("#"), InlineData("+"), InlineData("/#"), InlineData("+/+")]
    [InlineData("a/+/b/#"), InlineData("$SYS/#"), InlineData("$share"), InlineData("$shared/a"), InlineData("$share/g/#")]
    [InlineData("$share/g//"), InlineData("ü/😀")]
    public void These_are_topic_filters(string filter) => Assert.Null(PacketText.FilterFault(Encoding.UTF8.GetBytes(filter)));

    [Theory, InlineData("", "MQTT-4.7.3-1"), InlineData("a\0", "MQTT-1.5.4-2"), InlineData("##", "MQTT-4.7.1-1")]
    [InlineData("#/", "MQTT-4.7.1-1"), InlineData("a/#/b", "MQTT-4.7.1-1"), InlineData("a/b#", "MQTT-4.7.1-1")]
    [InlineData("+#", "MQTT-4.7.1-1"), InlineData("++", "MQTT-4.7.1-2"), InlineData("a/+b", "MQTT-4.7.1-2")]
    [InlineData("a+/b", "MQTT-4.7.1-2"), InlineData("$share/", "MQTT-4.8.2-1"), InlineData("$share//", "MQTT-4.8.2-1")]
    [InlineData("$share/g", "MQTT-4.8.2-2"), InlineData("$share/g/", "MQTT-4.8.2-2"), InlineData("$share/#/a", "MQTT-4.8.2-2")]
    [InlineData("$share/g+/a", "MQTT-4.8.2-2"), InlineData("$share/g/a#", "MQTT-4.7.1-1")]
    public void These_are_not(string filter, string statement) =>
        Assert.Contains(statement, PacketText.FilterFault(Encoding.UTF8.GetBytes(filter))?.Text);

    private static void Judge(ReadOnlySpan<byte> text)
    {
        var isText = true;
        for (var rest = text; !rest.IsEmpty && isText;)
        {
            isText = Rune.DecodeFromUtf8(rest, out var rune, out var length) == System.Buffers.OperationStatus.Done && rune.Value != 0;
            rest = rest[length..];
        }
        var hasWildcard = text.ContainsAny((byte)'+', (byte)'#');
        var fault = PacketText.TopicFault(text);
        if (isText != PacketText.IsText(text) || (fault is null) != (isText && !hasWildcard)
            || (fault is { Reason: var reason } && reason != (isText ? MqttReason.ProtocolError : MqttReason.MalformedPacket)))
        {
            Assert.Fail($"{Convert.ToHexString(text)}: {isText}, {hasWildcard}, {fault?.Text}");
        }
    }
}
