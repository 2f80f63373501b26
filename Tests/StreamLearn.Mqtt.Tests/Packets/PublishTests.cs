using System.Text;

namespace StreamLearn.Mqtt.Tests;

public sealed class PublishTests
{
    [Fact]
    public void A_message_with_properties_comes_back()
    {
        var bytes = Bytes.Of(o => PacketWriter.Publish(o, MqttVersion.V5, new() { Topic = "a/b"u8, Payload = new("hello"u8.ToArray()), Qos = 1, ContentType = "x"u8, UserProperties = [new("k", "v")] }, 7, false));

        Assert.Equal(Bytes.Of("32 18 0003 'a/b' 0007 0B 03 0001 'x' 26 0001 'k' 0001 'v' 'hello'"), bytes);
        Assert.True(PacketReader.TryRead(Bytes.Frame(bytes), MqttVersion.V5, out PublishPacket packet, out _));
        Assert.Equal("a/b", Encoding.UTF8.GetString(packet.Topic));
        Assert.Equal("hello", Encoding.UTF8.GetString(packet.Payload));
        var n = 0;
        foreach (var p in packet.Properties) { n++; Assert.Equal("k", Encoding.UTF8.GetString(p.Name)); Assert.Equal("v", Encoding.UTF8.GetString(p.Value)); }
        Assert.Equal(1, n);
    }
}
