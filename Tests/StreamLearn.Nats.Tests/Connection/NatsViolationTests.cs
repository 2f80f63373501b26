using System.Buffers;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>What a live connection does with a server that violates the protocol, goes away, or has others beside it.</summary>
public sealed class NatsViolationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("MSG a 2 -1\r\n\r\n")]
    [InlineData("MSG a 2 3\r\nabcd\r\n")]
    [InlineData("MSG a x 1\r\na\r\n")]
    [InlineData("MSG a 2 99999999999\r\n")]
    [InlineData("HMSG a 2 4 2\r\nNATS\r\n")]
    [InlineData("INFO []\r\n")]
    [InlineData("INFO {\"max_payload\":\"x\"}\r\n")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("-ERR 'Stale Connection'\r\n")]
    public async Task Malformed_input_ends_the_connection_and_never_reaches_the_application(string text)
    {
        await using var server = new ScriptedNats();
        var options = new NatsOptions { Servers = [server.Uri], InitialReconnectDelay = TimeSpan.Zero, MaxReconnectDelay = TimeSpan.Zero };
        await using var connection = new NatsConnection(options, TimeProvider.System);
        var subscription = connection.Subscribe("a"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        await using (var first = await server.AcceptAsync())
        {
            Assert.Equal("SUB a 2", await first.LineAsync());
            await first.SendAsync("MSG a 2 4\r\ngood\r\n");
            await first.SendAsync(text);
            await first.RestAsync();
        }

        await using var next = await server.AcceptAsync();
        Assert.Equal("SUB a 2", await next.LineAsync());
        await next.SendAsync("MSG a 2 5\r\nagain\r\n");

        Assert.Equal(["good", "again"], await TakeAsync(subscription, 2));
        Assert.Equal(2, subscription.Inbox.Received);
    }

    [Fact]
    public async Task A_message_with_a_wrong_subject_or_headers_is_passed_over_and_counted()
    {
        await using var server = new ScriptedNats();
        await using var connection = new NatsConnection(new() { Servers = [server.Uri] }, TimeProvider.System);
        var subscription = connection.Subscribe("a"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        await using var first = await server.AcceptAsync();

        await first.SendAsync("MSG a..b 2 1\r\nx\r\nHMSG a 2 15 16\r\nNATS/1.0\r\nx\r\n\r\ny\r\nMSG a 2 4\r\ngood\r\n");

        Assert.Equal(["good"], await TakeAsync(subscription, 1));
        Assert.Equal((2, 0), (connection.Counters.Malformed, connection.Counters.Losses));
    }

    [Fact]
    public async Task A_server_that_will_end_is_left_for_another_that_it_has_told_of()
    {
        await using ScriptedNats server = new(), other = new();
        await using var connection = new NatsConnection(new() { Servers = [server.Uri] }, TimeProvider.System);
        var subscription = connection.Subscribe("a"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        await using var first = await server.AcceptAsync($",\"connect_urls\":[\"127.0.0.1:{other.Port}\"]");
        await first.LineAsync();

        await first.InfoAsync($",\"ldm\":true,\"connect_urls\":[\"127.0.0.1:{other.Port}\"]");
        await using var second = await other.AcceptAsync();
        await second.SendAsync("MSG a 2 4\r\ngood\r\n");

        Assert.Equal(["good"], await TakeAsync(subscription, 1));
    }

    [Fact]
    public async Task Of_several_servers_the_next_is_tried_at_once()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = new NatsConnection(new()
        {
            Servers = [new($"nats://127.0.0.1:{LoopbackPort.Take()}"), server.Uri],
            InitialReconnectDelay = TimeSpan.FromHours(1),
            MaxReconnectDelay = TimeSpan.FromHours(1),
        }, TimeProvider.System);

        await ScriptedNats.Patiently(connection.PublishAsync(
            "a"u8.ToArray(), default, default, default, new ReadOnlySequence<byte>([1]), Cancellation).AsTask());

        Assert.Equal(1, connection.Counters.Connects);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_signature_is_refused_by_name()
    {
        await using var server = new ScriptedNats();
        await using var connection = new NatsConnection(new() { Servers = [server.Uri] }, TimeProvider.System);
        var publishing = connection.PublishAsync("a"u8.ToArray(), default, default, default, default, Cancellation).AsTask();
        await using var first = await server.TakeAsync();
        await first.InfoAsync(",\"auth_required\":true,\"nonce\":\"abc\"");

        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedNats.Patiently(publishing));

        Assert.Contains("nkey", failure.Message, StringComparison.Ordinal);
        Assert.Equal("", await first.RestAsync());
    }

    private static async Task<List<string>> TakeAsync(NatsSubscription subscription, int count)
    {
        List<string> texts = [];
        var messages = new NatsMessage[16];
        while (texts.Count < count)
        {
            var taken = subscription.Take(messages);
            for (var i = 0; i < taken; i++)
            {
                texts.Add(Encoding.UTF8.GetString(messages[i].Payload));
                subscription.Release(messages[i].Id);
            }

            if (taken == 0) { await ScriptedNats.Patiently(subscription.ToDeliver.WaitAsync().AsTask()); }
        }

        return texts;
    }
}
