namespace StreamLearn.Mqtt.Tests;

/// <summary>An address that begins with the wrong letters is told as that, in a sentence with what to do.</summary>
public sealed class ForeignPortTests
{
    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task Plain_and_TLS_at_each_others_port_name_the_other_address(MqttVersion version)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.ForServer("localhost");
        await using var mosquitto = await Mosquitto.StartAsync(new() { Certificate = certificate });
        var plain = await FaultAsync(new($"mqtt://localhost:{mosquitto.TlsPort}"), version);
        var secure = await FaultAsync(new($"mqtts://localhost:{mosquitto.Port}"), version);
        Assert.Contains("the address starts with mqtts://", plain, StringComparison.Ordinal);
        Assert.Contains("the address starts with mqtt://", secure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt", "15 03 03 00 02 02 46", "the port uses TLS: the address starts with mqtts://")]
    [InlineData("mqtt", "48 54 54 50 2F 31 2E 31 20 34 30 30 0D 0A 0D 0A", "the port uses HTTP")]
    [InlineData("mqtts", "48 54 54 50 2F 31 2E 31 20 34 30 30 0D 0A 0D 0A", "the address starts with mqtt://")]
    [InlineData("mqtts", "20 03 00 00 00", "the address starts with mqtt://")]
    public async Task What_another_protocol_answers_is_recognized(string scheme, string answer, string expected)
    {
        await using var server = new ScriptedServer();
        await using var transport = Transport(new($"{scheme}://127.0.0.1:{server.Port}"), MqttVersion.V5);
        transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await server.TakeAsync();
        await connection.RawAsync();
        await connection.SendAsync(Bytes.Of(answer));
        connection.EndSending();
        await Long.UntilAsync(() => transport.Status.Subscriptions[0].LastFault.Length > 0, () => Long.Text(transport.Status));
        Assert.Contains(expected, transport.Status.Subscriptions[0].LastFault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_speaks_what_it_should_is_not_doubted()
    {
        Assert.Null(ForeignPort.Fault("\x20\x03\0\0\0"u8, new("mqtt://host")));
        Assert.Equal("", ForeignPort.Doubt(new("mqtts://host")));
        Assert.Null(ForeignPort.Fault(new System.Security.Authentication.AuthenticationException(
            "RemoteCertificateNameMismatch", new InvalidOperationException()), new("mqtts://host")));
        Assert.Contains("ws://", ForeignPort.Fault(Encoding.ASCII.GetBytes("HTTP/1.1"), new("mqtt://host")), StringComparison.Ordinal);
    }

    private static async Task<string> FaultAsync(Uri server, MqttVersion version)
    {
        await using var transport = Transport(server, version);
        transport.SubscribeAsync("a", new(), Cancellation);
        await Long.UntilAsync(() => transport.Status.Subscriptions[0].LastFault.Length > 0, () => Long.Text(transport.Status));
        return transport.Status.Subscriptions[0].LastFault;
    }

    private static MqttTransport Transport(Uri server, MqttVersion version) =>
        new(new() { Server = server, Version = version, InitialReconnectDelay = TimeSpan.FromMilliseconds(1) });
}
