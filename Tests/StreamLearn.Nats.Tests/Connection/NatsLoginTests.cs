using Microsoft.Extensions.DependencyInjection;
using NATS.Client.Core;
using NATS.Extensions.Microsoft.DependencyInjection;
using NATS.NKeys;

namespace StreamLearn.Nats.Tests;

/// <summary>Logins: user and password, token, NKey, JWT; and connections that an application has.</summary>
public sealed class NatsLoginTests
{
    [Theory, InlineData("right", true), InlineData("wrong", false)]
    public async Task A_login_is_taken_or_refused_by_name_and_never_printed(string password, bool isTaken)
    {
        await using var server = await RealNats.StartAsync(new() { Login = ("reader", "right") });
        var options = new NatsOptions { Servers = [new($"nats://reader:{password}@127.0.0.1:{server.Port}")] };
        await using var transport = new NatsTransport(options);
        if (isTaken) { await PassAsync(transport); }
        else
        {
            var failure = await Assert.ThrowsAsync<TransportException>(() => PassAsync(transport));
            Assert.Contains("the login was refused", failure.Message, StringComparison.Ordinal);
            Assert.False(failure.IsTransient);
        }
        Assert.DoesNotContain(password, $"{options} {transport.Name} {transport.Status}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_a_login()
    {
        await using var server = await RealNats.StartAsync(new() { Token = "s3cret" });
        await using var transport = Open(server, new("", "", "s3cret"));
        await PassAsync(transport);
    }

    [Fact]
    public async Task What_gives_the_login_and_fails_is_named_by_its_type_alone_and_asked_again()
    {
        await using var server = await RealNats.StartAsync(new() { Token = "s3cret" });
        var asked = 0;
        await using var transport = new NatsTransport(new()
        {
            Servers = [server.Uri],
            InitialReconnectDelay = TimeSpan.Zero,
            Credentials = _ => asked++ == 0 ? throw new InvalidOperationException("s3cret") : new(new NatsCredentials("", "", "s3cret")),
        });
        await PassAsync(transport);
        Assert.Contains("expected credentials, got InvalidOperationException", transport.Status.LastFault, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", $"{transport.Status}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_NKey_of_a_file_signs_what_the_server_says_and_another_is_refused()
    {
        using var own = KeyPair.CreatePair(PrefixByte.User);
        using var other = KeyPair.CreatePair(PrefixByte.User);
        await using var server = await RealNats.StartAsync(
            new() { More = [$"authorization {{ users: [ {{ nkey: {own.GetPublicKey()} }} ] }}"] });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("own.nk"), own.GetSeed() + "\n", Cancellation);

        var login = await NatsCredentials.FromFileAsync(folder.File("own.nk"), Cancellation);
        await using (var transport = Open(server, login)) { await PassAsync(transport); }
        var client = new NatsOptions { Servers = [server.Uri], Credentials = _ => new(login) };
        await using (await client.ConnectAsync(Cancellation)) { }

        await using var stranger = Open(server, new("", "") { Seed = other.GetSeed() });
        var failure = await Assert.ThrowsAsync<TransportException>(() => PassAsync(stranger));
        Assert.Contains("the login was refused", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(other.GetSeed(), $"{stranger.Status}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_JWT_of_a_credentials_file_is_a_login()
    {
        using KeyPair account = KeyPair.CreatePair(PrefixByte.Account), user = KeyPair.CreatePair(PrefixByte.User),
            @operator = KeyPair.CreatePair(PrefixByte.Operator);
        var accountToken = Token(@operator, account.GetPublicKey(), "account",
            "\"limits\":{\"subs\":-1,\"data\":-1,\"payload\":-1,\"imports\":-1,\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1}");
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("operator.jwt"), Token(@operator, @operator.GetPublicKey(), "operator", ""), Cancellation);
        await using var server = await RealNats.StartAsync(new()
        {
            More =
            [
                $"operator: \"{folder.File("operator.jwt")}\"", "resolver: MEMORY",
                $"resolver_preload: {{ {account.GetPublicKey()}: \"{accountToken}\" }}",
            ],
        });
        var token = Token(account, user.GetPublicKey(), "user", "\"subs\":-1,\"data\":-1,\"payload\":-1");
        await File.WriteAllTextAsync(folder.File("user.creds"),
            $"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\nsecret below\n\n"
                + $"-----BEGIN USER NKEY SEED-----\n{user.GetSeed()}\n------END USER NKEY SEED------\n", Cancellation);

        await using var transport = Open(server, await NatsCredentials.FromFileAsync(folder.File("user.creds"), Cancellation));
        await PassAsync(transport);
    }

    [Fact]
    public async Task A_connection_of_a_container_is_used_and_not_disposed()
    {
        await using var server = await StartAsync();
        await using var services = new ServiceCollection()
            .AddNatsClient(nats => nats.ConfigureOptions(o => o.Configure(b => b.Opts = b.Opts with { Url = server.Uri.ToString() })))
            .BuildServiceProvider();
        var connection = services.GetRequiredService<INatsConnection>();
        for (var time = 0; time < 2; time++)
        {
            await using var transport = new NatsTransport(connection, new NatsKeep { Topics = ["kept/#"], Stream = "kept" });
            await PassAsync(transport, "rows/a");
            await PassAsync(transport, "kept/a");
            Assert.Same(connection, transport.Connection);
            Assert.True(transport.Status is { IsConnected: true, Connects: 1, Losses: 0 });
            Assert.Throws<ArgumentNullException>(() => new NatsTransport((INatsConnection)null!, keep: null));
        }
        await connection.PingAsync(Cancellation);
        await using var again = new NatsTransport(connection, keep: null);
        await using var changes = again.ConnectionsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        await PassAsync(again);
        Assert.True(await changes.MoveNextAsync() && changes.Current.IsConnected);
        await server.KillAsync();
        Assert.True(await Patiently(changes.MoveNextAsync().AsTask()) && !changes.Current.IsConnected);
        await server.StartAgainAsync();
        await PassAsync(again);
        Assert.Equal((2, 1), (again.Status.Connects, again.Status.Losses));
    }

    [Fact]
    public async Task A_connection_that_its_application_has_disposed_is_an_error()
    {
        await using var server = await RealNats.StartAsync();
        var connection = new NatsConnection(new() { Url = server.Uri.ToString() });
        await using var transport = new NatsTransport(connection, keep: null);
        await PassAsync(transport);
        await connection.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(
            () => Patiently(transport.PublishAsync("a", new([1]), default, Cancellation).AsTask()));
    }

    private static NatsTransport Open(RealNats server, NatsCredentials login) =>
        new(new() { Servers = [server.Uri], Credentials = _ => ValueTask.FromResult(login) });

    /// <summary>A message goes, and comes.</summary>
    private static async Task PassAsync(NatsTransport transport, string topic = "a")
    {
        await using var messages = transport.Read(topic);
        await Patiently(transport.PublishAsync(topic, new([7]), default, Cancellation).AsTask());
        await messages.NextAsync();
        Assert.Equal(7, messages.Current.Payload.FirstSpan[0]);
        messages.Current.Acknowledge();
        messages.Current.Dispose();
    }

    /// <summary>A JWT as <c>nsc</c> makes it. Source: NATS documentation, "JWT".</summary>
    private static string Token(KeyPair issuer, string subject, string type, string claims)
    {
        var body = $"{{\"jti\":\"x\",\"iat\":1700000000,\"iss\":\"{issuer.GetPublicKey()}\",\"name\":\"test\",\"sub\":\"{subject}\","
            + $"\"nats\":{{{claims}{(claims.Length > 0 ? "," : "")}\"type\":\"{type}\",\"version\":2}}}}";
        var signed = $"{Base64("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"u8)}.{Base64(Encoding.UTF8.GetBytes(body))}";
        var signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{Base64(signature)}";
    }

    private static string Base64(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
