namespace StreamLearn.Mqtt.Tests;

/// <summary>The codes of every packet, as the tables of chapter 3 list them, and 95 of PUBACK and PUBREC, which mosquitto sends.</summary>
public sealed class ReasonTests
{
    [Theory]
    [InlineData((int)PacketType.ConnAck, "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F")]
    [InlineData((int)PacketType.PubAck, "00 10 80 83 87 90 91 95 97 99")]
    [InlineData((int)PacketType.PubRec, "00 10 80 83 87 90 91 95 97 99")]
    [InlineData((int)PacketType.PubRel, "00 92")]
    [InlineData((int)PacketType.PubComp, "00 92")]
    [InlineData((int)PacketType.SubAck, "00 01 02 80 83 87 8F 91 97 9E A1 A2")]
    [InlineData((int)PacketType.UnsubAck, "00 11 80 83 87 8F 91")]
    [InlineData((int)PacketType.Auth, "00 18")]
    [InlineData((int)PacketType.Disconnect, "00 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2")]
    [InlineData((int)PacketType.Publish, "")]
    [InlineData((int)PacketType.PingResp, "")]
    public void A_server_sends_these_codes_and_no_others(int type, string codes) =>
        Assert.Equal(Bytes.Of(codes), CodesOf((PacketType)type, Sender.Server));

    [Theory]
    [InlineData((int)PacketType.Auth, "18 19")]
    [InlineData((int)PacketType.Disconnect, "00 04 80 81 82 83 8C 90 93 94 95 96 97 98 99")]
    public void A_client_sends_these_codes_and_no_others(int type, string codes) =>
        Assert.Equal(Bytes.Of(codes), CodesOf((PacketType)type, Sender.Client));

    [Theory]
    [InlineData(0, (int)MqttReason.Success)]
    [InlineData(1, (int)MqttReason.UnsupportedProtocolVersion)]
    [InlineData(2, (int)MqttReason.ClientIdentifierNotValid)]
    [InlineData(3, (int)MqttReason.ServerUnavailable)]
    [InlineData(4, (int)MqttReason.BadUserNameOrPassword)]
    [InlineData(5, (int)MqttReason.NotAuthorized)]
    [InlineData(6, null)]
    [InlineData(255, null)]
    public void Return_codes_of_311_are_mapped(byte code, int? reason) =>
        Assert.Equal((MqttReason?)reason, PacketReasons.OfReturnCode(code));

    [Fact]
    public void Every_reason_has_the_number_of_the_standard() => Assert.Equal(
        Bytes.Of("00 01 02 04 10 11 18 19 80818283848586 8788898A8B8C8D8E8F 909192939495969798999A9B9C9D9E9F A0A1A2"),
        Enum.GetValues<MqttReason>().Select(static reason => (byte)reason));

    private static IEnumerable<byte> CodesOf(PacketType type, Sender sender) =>
        Enumerable.Range(0, 256).Where(code => PacketReasons.IsOf(type, sender, (MqttReason)code)).Select(static code => (byte)code);
}
