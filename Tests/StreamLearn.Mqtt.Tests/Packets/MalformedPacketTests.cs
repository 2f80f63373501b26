namespace StreamLearn.Mqtt.Tests;

public sealed class MalformedPacketTests
{
    private static readonly (int Version, string Sender, string Bytes, int Code, string Statement)[] All =
    [
        .. MalformedMessages.Headers, .. MalformedMessages.Topics, .. MalformedMessages.Properties,
        .. MalformedAnswers.Acknowledgements, .. MalformedAnswers.Connections, .. MalformedAnswers.Requests,
    ];

    public static TheoryData<int, string, string, int, string> Packets => [.. All];

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_wrong_packet_is_refused_with_the_code_that_fits(int version, string sender, string bytes, int code, string statement)
    {
        var reading = Reading.Of(Bytes.Of(bytes), (MqttVersion)version, GoldenTests.SenderOf(sender));
        Assert.StartsWith($"fault {(MqttReason)code}: ", reading);
        Assert.Contains(statement, reading);
    }

    [Theory]
    [MemberData(nameof(Packets))]
    public void However_the_bytes_are_split_the_fault_is_the_same(int version, string sender, string bytes, int code, string statement)
    {
        var whole = Bytes.Of(bytes);
        var reading = Reading.Of(whole, (MqttVersion)version, GoldenTests.SenderOf(sender));
        Assert.True(code >= 0x80 && statement.Length > 0);
        for (var length = 0; length < whole.Length; length++)
        {
            var part = Reading.Of(whole.AsSpan(0, length), (MqttVersion)version, GoldenTests.SenderOf(sender));
            Assert.True(part == "more" || part == reading, $"{length} bytes: {part}");
        }
    }

    [Fact]
    public void Faults_of_the_header_are_told_as_soon_as_it_shows_them()
    {
        Assert.StartsWith("fault MalformedPacket", Reading.Of([0x00], MqttVersion.V5));
        Assert.StartsWith("fault MalformedPacket", Reading.Of([0x36], MqttVersion.V5));
        Assert.StartsWith("fault MalformedPacket", Reading.Of([0x61], MqttVersion.V5));
        Assert.Equal("more", Reading.Of([0x30, 0xFF, 0xFF, 0xFF], MqttVersion.V5));
        Assert.StartsWith("fault MalformedPacket", Reading.Of([0x30, 0xFF, 0xFF, 0xFF, 0xFF], MqttVersion.V5));
        Assert.StartsWith("fault PacketTooLarge", Reading.Of([0x30, 0xFF, 0xFF, 0xFF, 0x7F], MqttVersion.V5));
        Assert.StartsWith("fault MalformedPacket", Reading.Of([0xD0, 0x05], MqttVersion.V5));
    }

    [Theory, InlineData(2), InlineData(100), InlineData(129), InlineData(131), InlineData(20_000)]
    public void A_packet_of_the_largest_size_is_read_and_one_byte_more_is_not(int maximumBytes)
    {
        var body = maximumBytes - (maximumBytes < 130 ? 2 : maximumBytes < 16_387 ? 3 : 4);
        var packet = Bytes.Of(o => ServerPackets.SubAck(o, MqttVersion.V311, PacketType.SubAck, 1, new byte[Math.Max(0, body - 2)]));
        if (body == 0) { packet = [0xD0, 0]; }
        var most = PacketCutter.Next(packet, maximumBytes, out _, out var consumed, out _);
        var more = PacketCutter.Next(packet, maximumBytes - 1, out _, out var nothing, out var fault);
        Assert.Equal((FrameState.Whole, maximumBytes), (most, consumed));
        Assert.Equal((FrameState.Fault, 0, MqttReason.PacketTooLarge), (more, nothing, fault.Reason));
    }

    [Fact]
    public void A_fault_tells_nothing_of_the_packet()
    {
        var frame = Bytes.Frame(Bytes.Of("32 09 0001 'a' 0007 03 23 0000"));
        Assert.False(PacketReader.TryRead(frame, MqttVersion.V5, out PublishPacket packet, out var fault));
        Assert.Equal(MqttReason.TopicAliasInvalid, fault.Reason);
        Assert.True(packet.Topic.IsEmpty && packet.PacketId == 0 && packet.Qos == 0 && packet.Properties.Bytes.IsEmpty);
    }

    [Fact]
    public void A_packet_that_is_read_as_another_is_a_fault()
    {
        var filters = new List<FilterRequest>();
        foreach (var version in Enum.GetValues<MqttVersion>())
        {
            var publish = Bytes.Frame(Bytes.Of("32 08 0001 'a' 0001 00 'xx'"));
            var ack = Bytes.Frame(Bytes.Of("40 02 0001"));
            Assert.False(PacketReader.TryRead(ack, version, out PublishPacket _, out var fault));
            Assert.Equal(MqttReason.ProtocolError, fault.Reason);
            Assert.False(PacketReader.TryRead(publish, version, out AckPacket _, out fault) || fault.Reason != MqttReason.ProtocolError);
            Assert.False(PacketReader.TryRead(ack, version, out SubAckPacket _, out fault) || fault.Reason != MqttReason.ProtocolError);
            Assert.False(PacketReader.TryRead(ack, version, out ConnAckPacket _, out fault) || fault.Reason != MqttReason.ProtocolError);
            Assert.False(PacketReader.TryRead(ack, version, out ReasonPacket _, out fault) || fault.Reason != MqttReason.ProtocolError);
            Assert.False(RequestReader.TryRead(ack, version, out _, filters, out fault) || fault.Reason != MqttReason.ProtocolError);
            Assert.False(RequestReader.TryRead(ack, out ConnectPacket _, out fault) || fault.Reason != MqttReason.ProtocolError);
        }
    }

    [Fact]
    public void Every_fault_names_where_the_standard_says_so() => Assert.All(All, static row =>
    {
        var reading = Reading.Of(Bytes.Of(row.Bytes), (MqttVersion)row.Version, GoldenTests.SenderOf(row.Sender));
        Assert.Matches(@"\[MQTT-\d+\.\d+\.\d+-\d+\]$|\((MQTT 3\.1\.1, )?\d+(\.\d+)+(, \d+(\.\d+)+)*\)$", reading);
    });

    [Fact]
    public void The_table_is_large_and_has_no_packet_twice()
    {
        Assert.True(All.Length > 200, $"{All.Length}");
        var distinct = All.Select(static row => $"{row.Version} {row.Sender} {Convert.ToHexString(Bytes.Of(row.Bytes))}").Distinct();
        Assert.Equal(All.Length, distinct.Count());
    }
}
