using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Nats.Tests;

/// <summary>Whoever cannot show a good certificate is told nothing, not even who asks.</summary>
public sealed class NatsCertificateTests
{
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
        await using var server = await RealNats.StartAsync(new() { Certificate = certificate, More = ["trace: true", "debug: true"] });
        await using var connection = Open(server.Uri, ours);

        var failure = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(connection));

        Assert.False(failure.IsTransient);
        Assert.Contains("is not trusted", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("[CONNECT", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_gets_no_CONNECT_where_the_address_asks_for_it()
    {
        using var ours = new TestAuthority();
        await using var server = new ScriptedNats();
        await using var connection = Open(new($"tls://localhost:{server.Port}"), ours);
        var publishing = PublishAsync(connection);
        await using var first = await server.TakeAsync();
        await first.InfoAsync();
        var failure = await Assert.ThrowsAsync<TransportException>(() => Patiently(publishing));
        Assert.Contains("expected TLS", failure.Message, StringComparison.Ordinal);
        Assert.Equal("", await first.RestAsync());
    }

    [Fact]
    public async Task What_comes_between_INFO_and_TLS_is_refused()
    {
        using var ours = new TestAuthority();
        await using var server = new ScriptedNats();
        await using var connection = Open(new($"tls://localhost:{server.Port}"), ours);
        _ = PublishAsync(connection).ContinueWith(static _ => { }, TaskScheduler.Default);
        await using var first = await server.TakeAsync();
        await first.SendAsync("INFO {\"max_payload\":100,\"tls_required\":true}\r\n+OK\r\n");
        Assert.DoesNotContain("CONNECT", await first.RestAsync(), StringComparison.Ordinal);
        await UntilAsync(() => connection.Status.LastFault.Length > 0);
        Assert.Contains("between INFO and TLS", connection.Status.LastFault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_a_good_certificate_gets_messages_and_a_refused_client_is_named()
    {
        using TestAuthority ours = new(), others = new();
        using X509Certificate2 certificate = ours.ForServer("localhost"), client = ours.ForClient("a"), stranger = others.ForClient("b");
        await using var server = await RealNats.StartAsync(new() { Certificate = certificate, ClientAuthority = ours.Certificate });
        await using (var connection = Open(server.Uri, ours, client)) { await PublishAsync(connection); }
        foreach (var (shown, expected) in new[] { (stranger, "refused the client's certificate"), (null, "without a certificate") })
        {
            await using var connection = Open(server.Uri, ours, shown);
            var failure = await Assert.ThrowsAsync<TransportException>(() => Patiently(PublishAsync(connection)));
            Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        }
    }

    private static NatsTransport Open(Uri server, TestAuthority trusted, X509Certificate2? own = null) => new(
        new() { Servers = [server], TrustedRoots = [trusted.Certificate], ClientCertificate = own });

    private static Task PublishAsync(NatsTransport connection) => connection.PublishAsync("a", new([1]), default, Cancellation).AsTask();
}
