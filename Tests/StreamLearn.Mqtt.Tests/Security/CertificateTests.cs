using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Whoever cannot show a good certificate is told nothing, not even who asks.</summary>
public sealed class CertificateTests
{
    private static readonly Topic Level = new("plant/level");

    [Theory, InlineData("wrong name"), InlineData("expired"), InlineData("foreign"), InlineData("for a client")]
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

    [Fact]
    public async Task A_broker_that_requires_certificates_takes_a_good_one()
    {
        using var ours = new TestAuthority();
        using X509Certificate2 certificate = ours.ForServer("localhost"), pump = ours.ForClient("pump");
        await using var mosquitto = await Mosquitto.StartAsync(new() { Certificate = certificate, ClientAuthority = ours.Certificate });
        await using var transport = Client(mosquitto, ours, pump);
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(transport, end.Token);
        await mosquitto.Process.WaitForAsync(" as pump");
        await end.CancelAsync();
        await ScriptedServer.Patiently(reading);
    }

    [Theory]
    [InlineData("absent", "refused a client without a certificate: TLS alert 'certificate required'; set ClientCertificate")]
    [InlineData("expired", "refused the client's certificate: TLS alert 'certificate expired'")]
    [InlineData("foreign", "refused the client's certificate: TLS alert 'decrypt error'")]
    [InlineData("of an unknown authority", "refused the client's certificate: TLS alert 'unknown ca'")]
    public async Task A_broker_that_refuses_the_certificate_is_not_asked_again_and_its_reason_is_told(string what, string expected)
    {
        using TestAuthority ours = new(), others = new(), unknown = new("nobody");
        using var certificate = ours.ForServer("localhost");
        using var pump = what switch
        {
            "expired" => ours.ForClient("pump", expired: true),
            "foreign" => others.ForClient("pump"),
            "of an unknown authority" => unknown.ForClient("pump"),
            _ => null,
        };
        await using var mosquitto = await Mosquitto.StartAsync(new() { Certificate = certificate, ClientAuthority = ours.Certificate });
        await using var transport = Client(mosquitto, ours, pump);

        var reading = await Assert.ThrowsAsync<TransportException>(
            () => ScriptedServer.Patiently(ReadAsync(transport, CancellationToken.None)));
        var publishing = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(
            transport.PublishAsync(Level, default, default, Cancellation).AsTask()));

        Assert.Equal(($"{transport.Name} {expected}", false), (reading.Message, reading.IsTransient));
        Assert.Equal((reading.Message, false), (publishing.Message, publishing.IsTransient));
        Assert.Equal(0, transport.Status.Publishing.Connects);
    }

    [Theory]
    [InlineData("error:0A000410:SSL routines::sslv3 alert handshake failure", "handshake failure", true)]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", "unknown ca", true)]
    [InlineData("error:0A000412:SSL routines::ssl/tls alert bad certificate", "bad certificate", true)]
    [InlineData("error:0A00042E:SSL routines::tlsv1 alert protocol version", "protocol version", false)]
    [InlineData("a red alert came", null, false)]
    public void The_alert_is_found_below_the_exception(string text, string? alert, bool isOfCertificate)
    {
        var found = TlsAlert.Of(
            new AuthenticationException("Authentication failed, see inner exception.", new IOException("", new IOException(text))));
        Assert.Equal(alert, found);
        Assert.Equal(isOfCertificate, found is not null && TlsAlert.IsOfCertificate(found));
    }

    private static MqttTransport Client(Mosquitto mosquitto, TestAuthority ours, X509Certificate2? certificate) => new(new()
    {
        Server = mosquitto.TlsUri,
        ClientId = "pump",
        TrustedRoots = ours.Roots,
        ClientCertificate = certificate,
        InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
    });

    private static MqttOptions Options(ScriptedServer server, TestAuthority authority) => new()
    {
        Server = server.Uri,
        TrustedRoots = authority.Roots,
        InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
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
