using System.Collections.Concurrent;

namespace StreamLearn.Nats.Tests;

/// <summary>Pipelines and messages over the real nats-server.</summary>
public sealed class NatsTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Levels_of_topics_are_columns_whatever_characters_they_have()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        var rows = new BlockingCollection<(string, string)>();
        var run = Pipeline.Define("reader", p => p
            .Subscribe<Text>(transport, "plant/{site}/{pump}/rows", "text/1", (message, _) => new(message.Topic.Value))
            .ForEach("rows", t => rows.Add((t.Value, t.Value.Split('/')[2])))).Start(null, Cancellation);
        foreach (var pump in new[] { "p7", "p.7 *>%", "Größe", "" })
        {
            await transport.PublishAsync($"plant/north/{pump}/rows", new([1]), new(new("test", 0)), Cancellation);
            Assert.True(rows.TryTake(out var row, Patience));
            Assert.Equal(($"plant/north/{pump}/rows", pump), row);
        }
        await run.DisposeAsync();
    }

    [Fact]
    public async Task Subjects_of_others_that_belong_to_no_topic_are_dropped_and_end_nothing()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        await using var stranger = await Strangers.OpenAsync(server.Uri);
        await using var messages = transport.Read("#");
        await transport.PublishAsync("a", new([1]), new(new("a", 0)), Cancellation);
        (await messages.NextAsync()).Dispose();

        string[] subjects = ["%23.a", "a.%23.b", "%2B.a", "%2F", "a.%00", "%41", "%FF", "a+b", "#.a", "%%"];
        foreach (var subject in subjects) { await stranger.PublishAsync(subject, new byte[] { 2 }, cancellationToken: Cancellation); }

        await stranger.PublishAsync("b", new byte[] { 3 }, replyTo: "%23.a", cancellationToken: Cancellation);

        var next = await messages.NextAsync();
        Assert.Equal(("b", 3, (MessageProperties?)null), (next.Topic.Value, next.Payload.FirstSpan[0], next.Properties));
        next.Dispose();
        Assert.Equal((subjects.Length, 1), (transport.Status.Subscriptions[0].Malformed, transport.Status.Connects));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_topic_longer_than_a_server_takes_is_refused_at_once_and_ends_nothing(bool isConnected)
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        var @long = new string('x', 5000);
        await using var messages = transport.Read("a");
        if (isConnected) { await UntilAsync(() => transport.Status.Connects == 1); }

        Assert.Throws<ArgumentOutOfRangeException>(() => transport.SubscribeAsync(@long, new(), Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => transport.SubscribeAsync(@long + "/#", new(), Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => transport.SubscribeAsync($"$share/{@long}/a", new(), Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            transport.PublishAsync(@long, new([1]), new(new("a", 0)), Cancellation).AsTask());

        await server.KillAsync();
        await server.StartAgainAsync();
        await UntilAsync(() => transport.Status.Losses > 0);
        await transport.PublishAsync("a", new([2]), new(new("a", 1)), Cancellation);
        Assert.Equal("a", await TopicAsync(messages));
        Assert.Single(transport.Status.Subscriptions);
    }

    [Fact]
    public async Task A_filter_of_all_below_takes_its_own_level_too_and_a_leading_wildcard_nothing_of_the_server()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        await using var below = transport.Read("a/#");
        await using var all = transport.Read("#");
        foreach (var topic in new[] { "a", "a/b", "a/b/c", "b", "$own", "end" })
        {
            await transport.PublishAsync(topic, new([1]), new(new("test", 0)), Cancellation);
        }
        foreach (var topic in new[] { "a", "a/b", "a/b/c" }) { Assert.Equal(topic, await TopicAsync(below)); }
        foreach (var topic in new[] { "a", "a/b", "a/b/c", "b", "end" }) { Assert.Equal(topic, await TopicAsync(all)); }
    }

    [Fact]
    public async Task A_group_shares_messages_and_one_without_a_name_is_refused()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        await using var one = transport.Read("$share/g/rows");
        await using var two = transport.Read("$share/g/rows");
        for (byte i = 0; i < 60; i++) { await transport.PublishAsync("rows", new([i]), new(new("test", i)), Cancellation); }
        await UntilAsync(() => transport.Status.Received >= 60);
        var received = transport.Status.Subscriptions.Select(static s => s.Received).ToList();
        Assert.Equal(60, received.Sum());
        Assert.All(received, static r => Assert.InRange(r, 1, 59));
        Assert.Throws<ArgumentException>(() => transport.SubscribeAsync("$share//rows", new(), Cancellation));
        Assert.Throws<ArgumentException>(() => transport.SubscribeAsync("$share/g/", new(), Cancellation));
    }

    [Fact]
    public async Task Each_property_travels_alone()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("a");
        foreach (var properties in new MessageProperties?[]
        {
            null,
            new() { ContentType = "text/plain" },
            new() { ResponseTopic = "answers/of me" },
            new() { CorrelationData = new byte[] { 0, 255 } },
            new() { User = [new("b", "1"), new("b", "ö"), new("", ""), new("B:ö %", " 2 \r\n"), new("B", "50%")] },
        })
        {
            await transport.PublishAsync("a", default, new(new("a", 0)) { Properties = properties }, Cancellation);
            var message = await messages.NextAsync();
            Assert.Equal(properties, message.Properties);
            message.Dispose();
        }
    }

    [Fact]
    public async Task Connections_that_are_lost_and_made_again_are_told()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        await using var changes = transport.ConnectionsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        await transport.PublishAsync("rows", new([1]), new(new("test", 0)), Cancellation);
        Assert.True(await changes.MoveNextAsync() && changes.Current is { IsConnected: true, Connects: 1 });
        await server.KillAsync();
        Assert.True(await changes.MoveNextAsync() && changes.Current is { IsConnected: false });
        Assert.False(transport.Status.IsConnected);
        await server.StartAgainAsync();
        Assert.True(await changes.MoveNextAsync() && changes.Current is { IsConnected: true, Connects: 2, SessionKept: false });
    }

    [Fact]
    public async Task What_the_core_cannot_do_is_refused_by_name()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        var kept = await Assert.ThrowsAsync<TransportException>(
            () => transport.PublishAsync("a", new([1]), new(new("a", 0), Retain: true), Cancellation).AsTask());
        Assert.Contains("NatsOptions.Keep", kept.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => transport.PublishAsync("a/+", new([1]), new(new("a", 0)), Cancellation).AsTask());
    }

    [Fact]
    public async Task A_subscription_ends_without_an_exception_when_it_is_canceled_and_gives_its_memory_back()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = Open(server);
        using var stop = new CancellationTokenSource();
        await using var messages = transport.SubscribeAsync("rows", new(), stop.Token).GetAsyncEnumerator(stop.Token);
        await transport.PublishAsync("rows", new([1]), new(new("test", 0)), Cancellation);
        (await messages.NextAsync()).Dispose();
        var next = messages.MoveNextAsync();
        await stop.CancelAsync();
        Assert.False(await next);
        Assert.Equal(0, transport.Status.Subscriptions.Sum(static s => s.Waiting + s.Held));
    }

    private static NatsTransport Open(RealNats server) => new(new() { Servers = [server.Uri] });

    private static async Task<string> TopicAsync(IAsyncEnumerator<Message> messages)
    {
        using var message = await messages.NextAsync();
        return message.Topic.Value;
    }

    private sealed record Text(string Value);
}
