using System.Security.Authentication;
using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Whoever cannot show a good certificate is told nothing, not even who asks.</summary>
public sealed class CertificateTests
{
    private static readonly Topic Level = new("plant/level");

    [Theory]
    [InlineData("wrong name")]
    [InlineData("expired")]
    [InlineData("foreign")]
    [InlineData("for a client")]
    public async Task A_server_with_a_bad_certificate_gets_no_CONNECT(string what)
    {
        using TestAuthority ours = new(), others = new();
        using var certificate = what switch
        {
            "wrong name" => ours.ForServer("elsewhere"),
            "expired" => ours.ForServer("localhost", expired: true),
            "for a client" => ours.ForClient("localhost"),
            _ => others.ForServer("localhost"),
        };
        await using var server = new ScriptedServer(certificate);
        await using var transport = new MqttTransport(Options(server, ours));
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(transport, end.Token);

        Assert.Equal(0, await ReceivedAsync(server));

        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(reading));
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_server_without_a_certificate_gets_no_CONNECT()
    {
        using var ours = new TestAuthority();
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(Options(server, ours) with { Server = new($"mqtts://localhost:{server.Port}") });
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(transport, end.Token);
        await using var connection = await server.TakeAsync();

        var greeting = await connection.RawAsync();

        const byte Handshake = 0x16;
        Assert.Equal(Handshake, greeting[0]);
        Assert.False(greeting.AsSpan().IndexOf("MQTT"u8) >= 0);
        await connection.SendAsync(new byte[] { 0x20, 3, 0, 0, 0 });        // as if nothing had been asked
        Assert.False((await connection.RestAsync()).AsSpan().IndexOf("MQTT"u8) >= 0);
        await end.CancelAsync();
        await ScriptedServer.Patiently(reading);
    }

    [Fact]
    public async Task A_server_with_a_good_certificate_gets_one()
    {
        using var ours = new TestAuthority();
        using var certificate = ours.ForServer("localhost");
        await using var server = new ScriptedServer(certificate);
        await using var transport = new MqttTransport(Options(server, ours));
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(transport, end.Token);

        await using var connection = await server.SubscribedAsync();

        Assert.Equal(MqttVersion.V5, connection.Connect.Version);
        await end.CancelAsync();
        await ScriptedServer.Patiently(reading);
    }

    [Theory]
    [Trait("needs", "mosquitto")]
    [InlineData("good", true)]
    [InlineData("absent", false)]
    [InlineData("expired", false)]
    [InlineData("foreign", false)]
    public async Task A_broker_that_requires_certificates_takes_the_good_one_alone(string what, bool isTaken)
    {
        using TestAuthority ours = new(), others = new();
        using var certificate = ours.ForServer("localhost");
        using var pump = what switch
        {
            "expired" => ours.ForClient("pump", expired: true),
            "foreign" => others.ForClient("pump"),
            _ => ours.ForClient("pump"),
        };
        await using var mosquitto = await Mosquitto.StartAsync(new() { Certificate = certificate, ClientAuthority = ours.Certificate });
        await using var transport = new MqttTransport(new()
        {
            Server = mosquitto.TlsUri,
            ClientId = "pump",
            TrustedRoots = ours.Roots,
            ClientCertificate = what == "absent" ? null : pump,
            ReconnectFirst = TimeSpan.FromMilliseconds(1),
        });
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(transport, end.Token);

        await mosquitto.Process.WaitForAsync(isTaken ? " as pump" : "OpenSSL Error");

        Assert.Equal(isTaken, mosquitto.Log.Contains(" as pump", StringComparison.Ordinal));
        await end.CancelAsync();
        await ScriptedServer.Patiently(reading);
    }

    private static MqttOptions Options(ScriptedServer server, TestAuthority authority) => new()
    {
        Server = server.Uri,
        TrustedRoots = authority.Roots,
        ReconnectFirst = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>Bytes that came through TLS before the client left.</summary>
    private static async Task<int> ReceivedAsync(ScriptedServer server)
    {
        try
        {
            await using var connection = await server.TakeAsync();
            return (await connection.RestAsync()).Length;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return 0;       // it left during the handshake
        }
    }

    private static async Task ReadAsync(MqttTransport transport, CancellationToken end)
    {
        await foreach (var message in transport.SubscribeAsync(Level, new(), end))
        {
            message.Acknowledge();
            message.Dispose();
        }
    }
}
