namespace StreamLearn.Nats.Tests;

/// <summary>Connections against the real nats-server: order, losses, the end.</summary>
public sealed class NatsConnectionTests
{
    private static readonly SubscribeOptions Many = new() { Capacity = 20_000 };

    [Fact]
    public async Task After_kill_9_it_connects_again_subscriptions_go_on_and_what_was_published_meanwhile_keeps_its_order()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server.Uri);
        await using var rows = transport.Read("rows/#", Many);
        await transport.PublishAsync("rows/a", Bytes("1"), default, Cancellation);
        Assert.Equal("1", await rows.TextAsync());

        for (var kill = 0; kill < 3; kill++)
        {
            await server.KillAsync();
            await UntilAsync(() => !transport.Status.IsConnected);
            var waiting = Enumerable.Range(0, 5000)
                .Select(i => transport.PublishAsync("rows/b", Bytes($"{kill} {i}"), default, Cancellation).AsTask()).ToList();
            Assert.All(waiting, static w => Assert.False(w.IsCompleted));
            await server.StartAgainAsync();
            await UntilAsync(() => transport.Status.IsConnected);
            for (var more = 0; more < 200; more++)      // those that wait go first
            {
                waiting.Add(transport.PublishAsync("rows/b", Bytes($"{kill} {waiting.Count}"), default, Cancellation).AsTask());
            }
            await Patiently(Task.WhenAll(waiting));
            for (var i = 0; i < waiting.Count; i++) { Assert.Equal($"{kill} {i}", await rows.TextAsync()); }
        }
        Assert.Equal((4, 3), (transport.Status.Connects, transport.Status.Losses));
    }

    [Fact]
    public async Task A_message_larger_than_the_server_takes_is_refused_before_it_is_sent()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true, More = ["max_payload: 1000"] });
        await using var transport = new NatsTransport(
            new() { Servers = [server.Uri], Keep = new() { Topics = ["kept"], Stream = "kept" } });
        foreach (var (topic, most) in new[] { ("rows", 1000), ("kept", 800) })
        {
            await transport.PublishAsync(topic, new(new byte[most]), default, Cancellation);
            var failure = await Assert.ThrowsAsync<TransportException>(
                () => transport.PublishAsync(topic, new(new byte[1001]), default, Cancellation).AsTask());
            Assert.False(failure.IsTransient);
            Assert.Contains("expected at most 1000 bytes", failure.Message, StringComparison.Ordinal);
        }
        var properties = new MessageProperties { User = [new("long", new('x', 900))] };
        await Assert.ThrowsAsync<TransportException>(() => transport.PublishAsync(
            "kept", new(new byte[200]), new(default) { Properties = properties }, Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => transport.PublishAsync("rows", default,
            new(default) { Properties = new() { User = [new("long", new('x', 64_000))] } }, Cancellation).AsTask());
        Assert.Equal(1, transport.Status.Connects);
    }

    [Fact]
    public async Task What_was_published_is_sent_before_the_end()
    {
        await using var server = await RealNats.StartAsync();
        await using var reader = Open(server.Uri);
        await using var rows = reader.Read("rows", Many);
        await reader.PublishAsync("rows", Bytes("begin"), default, Cancellation);
        Assert.Equal("begin", await rows.TextAsync());
        await using (var writer = Open(server.Uri))
        {
            for (var i = 0; i < 10_000; i++) { await writer.PublishAsync("rows", Bytes($"{i}"), default, Cancellation); }
        }
        for (var i = 0; i < 10_000; i++) { Assert.Equal($"{i}", await rows.TextAsync()); }
    }

    private static NatsTransport Open(Uri server) => new(new() { Servers = [server] });
    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.ASCII.GetBytes(text));
}
