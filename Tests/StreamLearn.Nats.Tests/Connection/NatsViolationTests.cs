namespace StreamLearn.Nats.Tests;

/// <summary>What a transport does with a server that violates the protocol, goes away, or has others beside it.</summary>
public sealed class NatsViolationTests
{
    [Theory, InlineData("MSG a 2 -1\r\n\r\n"), InlineData("MSG a 2 99999999999\r\n"), InlineData("HMSG a 2 4 2\r\nNATS\r\n")]
    [InlineData("GET / HTTP/1.1\r\n"), InlineData("\0\0\0\0")]
    public async Task Malformed_input_never_reaches_the_application_and_after_the_connection_it_goes_on(string text)
    {
        await using var server = new ScriptedNats();
        await using var transport = Open(server);
        await using var messages = transport.Read("a");
        await using (var first = await AcceptAsync(server))
        {
            await first.SendAsync("a", "good");
            await first.SendAsync(text);
            Assert.Equal("good", await messages.TextAsync());
        }
        await using var next = await AcceptAsync(server);
        await next.SendAsync("a", "again");

        Assert.Equal("again", await messages.TextAsync());
        Assert.Equal(2, transport.Status.Subscriptions[0].Received);
    }

    [Fact]
    public async Task A_message_with_a_wrong_subject_or_headers_is_passed_over_and_counted()
    {
        await using var server = new ScriptedNats();
        await using var transport = Open(server);
        await using var messages = transport.Read("a");
        await using var first = await AcceptAsync(server);
        var id = first.IdOf("a");
        await first.SendAsync($"MSG a..b {id} 1\r\nx\r\nHMSG a {id} 15 16\r\nNATS/1.0\r\nx\r\n\r\ny\r\nMSG a {id} 4\r\ngood\r\n");
        Assert.Equal("good", await messages.TextAsync());
        Assert.Equal((2, 0), (transport.Status.Subscriptions[0].Malformed, transport.Status.Losses));
    }

    [Fact]
    public async Task Of_several_servers_the_next_is_tried_at_once()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = new NatsTransport(new()
        {
            Servers = [new($"nats://127.0.0.1:{LoopbackPort.Take()}"), server.Uri],
            InitialReconnectDelay = TimeSpan.FromHours(1),
            MaxReconnectDelay = TimeSpan.FromHours(1),
        });
        await Patiently(transport.PublishAsync("a", new([1]), default, Cancellation).AsTask());
        Assert.Equal(1, transport.Status.Connects);
    }

    private static NatsTransport Open(ScriptedNats server) => new(
        new() { Servers = [server.Uri], InitialReconnectDelay = TimeSpan.Zero, MaxReconnectDelay = TimeSpan.Zero });

    /// <summary>Takes a connection up to the subscription to <c>a</c>.</summary>
    private static async Task<ScriptedNatsConnection> AcceptAsync(ScriptedNats server)
    {
        var connection = await server.TakeAsync();
        await connection.InfoAsync();
        for (var line = ""; !line.StartsWith("SUB a ", StringComparison.Ordinal);)
        {
            line = await connection.LineAsync();
            if (line == "PING") { await connection.SendAsync("PONG\r\n"); }
        }
        return connection;
    }
}
