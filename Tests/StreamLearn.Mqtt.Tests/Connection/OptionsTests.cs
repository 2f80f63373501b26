namespace StreamLearn.Mqtt.Tests;

/// <summary>Settings, as the server sees them or nobody does.</summary>
public sealed class OptionsTests
{
    [Fact]
    public async Task An_expiry_of_a_part_of_a_second_is_the_whole_second()
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(
            new() { Server = server.Uri, PublishQos = 0, PublishExpiry = TimeSpan.FromSeconds(1.1) });
        var publishing = transport.PublishAsync("x", default, new(new("test", 0)), Cancellation).AsTask();
        await using var connection = await server.AcceptAsync();
        var publish = await connection.ExpectAsync(PacketType.Publish);
        Assert.True(publish.Body.AsSpan().IndexOf(new byte[] { (byte)PropertyId.MessageExpiryInterval, 0, 0, 0, 2 }) > 0);
        await ScriptedServer.Patiently(publishing);
    }

    [Theory, InlineData("mqtt:///"), InlineData("mqtt://host:0")]
    public void A_server_has_a_host_and_a_port(string server) =>
        Assert.Throws<ArgumentException>(() => new MqttTransport(new() { Server = new(server) }));
}
