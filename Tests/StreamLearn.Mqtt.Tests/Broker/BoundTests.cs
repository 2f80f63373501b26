using static StreamLearn.Mqtt.Tests.BrokerTransportTests;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What a broker keeps is bounded, and who loses by it is told.</summary>
public sealed class BoundTests
{
    [Fact]
    public async Task A_client_that_is_away_for_too_many_messages_is_told_that_its_session_is_new()
    {
        const int Most = 10;
        await using var broker = await StartAsync(new() { MaxPendingMessages = Most });
        await AwayAsync(broker);
        await using var writer = new MqttTransport(new() { Server = broker.Uri });
        for (var i = 0; i < Most; i++) { await PublishAsync(writer, "a", $"{i}"); }
        Assert.Equal((Most, 0), (broker.Status.PendingMessages, broker.Status.SessionsEnded));

        await PublishAsync(writer, "a", "one more");

        Assert.Equal((0, 1, Most + 1), (broker.Status.PendingMessages, broker.Status.SessionsEnded, broker.Status.MessagesDropped));
        await using var back = new MqttTransport(new() { Server = broker.Uri, ClientId = "reader" });
        await using var messages = back.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await PublishAsync(back, "a", "new");
        Assert.Equal("new", await NextAsync(messages));
    }

    [Fact]
    public async Task A_publisher_waits_for_a_slow_reader_that_makes_progress()
    {
        const int Count = 60;
        await using var broker = await StartAsync(new() { MaxPendingMessages = 10 });
        await using var transport = new MqttTransport(new() { Server = broker.Uri });
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = 4 }, Cancellation).GetAsyncEnumerator(Cancellation);
        var publishing = Task.WhenAll(Enumerable.Range(0, Count).Select(i => PublishAsync(transport, "a", $"{i}")));
        for (var i = 0; i < Count; i++)
        {
            Assert.InRange(broker.Status.PendingMessages, 0, 10);
            Assert.Equal($"{i}", await NextAsync(messages));
        }
        await publishing;
        Assert.Equal((0, 0), (broker.Status.MessagesDropped, broker.Status.SessionsEnded));
    }

    [Fact]
    public async Task A_reader_that_acknowledges_nothing_loses_its_session_and_the_others_go_on()
    {
        await using var broker = await StartAsync(new() { MaxPendingMessages = 10, Patience = TimeSpan.FromSeconds(1) });
        using var stuck = await RawClient.ConnectAsync(broker.EndPoint);
        await stuck.SendAsync("82 07 00 01 00 00 01 61 01");
        await using var transport = new MqttTransport(new() { Server = broker.Uri });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);

        for (var i = 0; i < 30; i++)
        {
            await PublishAsync(transport, "a", $"{i}");
            Assert.Equal($"{i}", await NextAsync(messages));
        }
        Assert.Equal(1, broker.Status.SessionsEnded);
        Assert.True(await stuck.IsClosedAsync());
    }

    [Fact]
    public async Task Retained_messages_are_bounded_and_one_more_is_refused()
    {
        await using var broker = await StartAsync(new() { MaxRetainedMessages = 2 });
        await using var transport = new MqttTransport(new() { Server = broker.Uri });
        foreach (var topic in new[] { "a", "b", "a" }) { await PublishAsync(transport, topic, "x", retain: true); }
        var refused = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(transport, "c", "x", retain: true));
        Assert.Contains("QuotaExceeded", refused.Message, StringComparison.Ordinal);
        await PublishAsync(transport, "a", "", retain: true);
        await PublishAsync(transport, "c", "x", retain: true);
    }

    [Fact]
    public async Task A_connection_beyond_the_bound_is_told_why()
    {
        await using var broker = await StartAsync(new() { MaxConnections = 1 });
        using var first = await RawClient.ConnectAsync(broker.EndPoint);
        await using var second = new MqttTransport(new() { Server = broker.Uri, InitialReconnectDelay = TimeSpan.FromMilliseconds(20) });
        var publishing = PublishAsync(second, "a", "x");
        await UntilAsync(() => broker.Status.ConnectionsRefused >= 2, () => broker.Status);
        Assert.Contains("QuotaExceeded", second.Status.Publishing.LastFault, StringComparison.Ordinal);
        Assert.False(publishing.IsCompleted);
        first.Dispose();
        await publishing;
    }

    [Fact]
    public async Task Of_too_many_sessions_the_one_that_has_been_away_for_longest_ends()
    {
        await using var broker = await StartAsync(new() { MaxConnections = 2 });
        foreach (var client in new[] { "61", "62", "63", "64", "65" })
        {
            using (await RawClient.ConnectAsync(broker.EndPoint, $"10 0D 00 04 4D 51 54 54 04 00 00 00 00 01 {client}")) { }
            while (broker.Status.Connections > 0) { await Task.Yield(); }
        }
        Assert.Equal((4, 1), (broker.Status.Sessions, broker.Status.SessionsEnded));
    }

    [Fact]
    public async Task A_session_that_is_away_for_longer_than_it_asked_for_ends()
    {
        var time = new LaterTime();
        await using var broker = await MqttBroker.StartAsync(new() { Listen = new(System.Net.IPAddress.Loopback, 0) }, time);
        await AwayAsync(broker);
        Assert.Equal(2, broker.Status.Sessions);        // one publishes
        time.Later = TimeSpan.FromDays(2);
        await broker.ExpireNowAsync();
        Assert.Equal(0, broker.Status.Sessions);
    }

    /// <summary>It is over when the client comes back, whether or not the broker has looked.</summary>
    [Fact]
    public async Task A_client_that_comes_back_too_late_has_a_new_session()
    {
        var time = new LaterTime();
        await using var broker = await MqttBroker.StartAsync(new() { Listen = new(System.Net.IPAddress.Loopback, 0) }, time);
        foreach (var (away, isKept) in new[] { (0, false), (9, true), (11, false) })
        {
            time.Later += TimeSpan.FromSeconds(away);
            using var client = await RawClient.ConnectAsync(broker.EndPoint, RawClient.Connect("c", expiry: 10));
            Assert.Equal(isKept, client.HasSession);
            await client.SendAsync("E0 00");
            Assert.True(await client.IsClosedAsync());
            while (broker.Status.Connections > 0) { await Task.Yield(); }
        }
    }

    /// <summary>A reader subscribes, and goes away for a while.</summary>
    private static async Task AwayAsync(MqttBroker broker)
    {
        await using (var reader = new MqttTransport(new() { Server = broker.Uri, ClientId = "reader" }))
        {
            await using var messages = reader.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
            await PublishAsync(reader, "a", "first");
            Assert.Equal("first", await NextAsync(messages));
        }
        await UntilAsync(() => broker.Status is { Connections: 0, PendingMessages: 0 }, () => broker.Status);
    }

}
