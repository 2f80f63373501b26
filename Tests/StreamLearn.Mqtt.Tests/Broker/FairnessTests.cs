using System.Collections.Immutable;
using static StreamLearn.Mqtt.Tests.BrokerTransportTests;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What one client does takes nothing from the others.</summary>
public sealed class FairnessTests
{
    private const string SubscribesToA = "82 07 00 01 00 00 01 61 01";
    private static readonly ImmutableArray<MqttBrokerLogin> Logins = [Login("u"), Login("v")];

    /// <summary>Each message in its time would be progress without an end: of 300 that wait, three are.</summary>
    [Fact]
    public async Task Who_acknowledges_one_message_after_the_other_loses_its_session()
    {
        var time = new LaterTime();
        await using var broker = await MqttBroker.StartAsync(
            new() { Listen = new(System.Net.IPAddress.Loopback, 0), MaxPendingMessages = 300, Patience = TimeSpan.FromHours(1) }, time);
        using var slow = await SubscribedAsync(broker, RawClient.Connect5);
        await using var writer = new MqttTransport(new() { Server = broker.Uri });
        for (var i = 0; i < 300; i++) { await PublishAsync(writer, "a", "x"); }

        var held = PublishAsync(writer, "a", "one");
        for (var i = 1; i <= 2; i++)
        {
            time.Later += TimeSpan.FromMinutes(25);
            await slow.SendAsync($"40 02 00 {i:X2}");
            await held;
            held = PublishAsync(writer, "a", "next");
        }
        Assert.Equal(0, broker.Status.SessionsEnded);
        time.Later += TimeSpan.FromMinutes(25);
        await held.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Cancellation);

        Assert.Equal(1, broker.Status.SessionsEnded);
    }

    /// <summary>An aggregator publishes to all devices over one connection: a device that is slow by intent would stop the fleet.</summary>
    [Fact]
    public async Task Who_holds_back_publishers_of_other_logins_for_a_tenth_of_the_patience_loses_its_session()
    {
        var time = new LaterTime();
        await using var broker = await MqttBroker.StartAsync(new()
        {
            Listen = new(System.Net.IPAddress.Loopback, 0),
            Logins = Logins,
            MaxPendingMessages = 10,
            Patience = TimeSpan.FromHours(1),
        }, time);
        using var slow = await SubscribedAsync(broker, Connect("slow", "v"));
        await using var writer = Writer(broker);
        for (var i = 0; i < 10; i++) { await PublishAsync(writer, "a", "x"); }

        var held = PublishAsync(writer, "a", "one");
        while (!broker.HoldsBack) { await Task.Yield(); }
        time.Later += TimeSpan.FromMinutes(4);
        await slow.SendAsync("40 02 00 01");
        await held;
        Assert.Equal(0, broker.Status.SessionsEnded);
        held = PublishAsync(writer, "a", "next");
        while (!broker.HoldsBack) { await Task.Yield(); }
        time.Later += TimeSpan.FromMinutes(4);

        await held.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Cancellation);
        Assert.Equal(1, broker.Status.SessionsEnded);
    }

    [Fact]
    public async Task Where_too_much_waits_for_all_the_login_loses_that_has_most_of_it()
    {
        var time = new LaterTime();
        await using var broker = await MqttBroker.StartAsync(
            new() { Listen = new(System.Net.IPAddress.Loopback, 0), Logins = Logins, MaxPendingBytes = 1 << 20 }, time);
        await AwayAsync(broker, "patient", "u", SubscribesToA);
        foreach (var client in new[] { "1", "2", "3", "4" }) { await AwayAsync(broker, client, "v", "82 07 00 01 00 00 01 62 01"); }
        await using var writer = Writer(broker);
        await PublishAsync(writer, "a", "kept");

        for (var i = 0; i < 4; i++) { await PublishAsync(writer, "b", new('x', 100_000)); }

        using var patient = await RawClient.ConnectAsync(broker.EndPoint, Connect("patient", "u"));
        Assert.True(patient.HasSession);
        await patient.UntilSentAsync(Convert.ToHexString("kept"u8));
        Assert.InRange(broker.Status.SessionsEnded, 1, 4);
    }

    [Fact]
    public async Task Filters_of_a_login_take_a_bounded_memory()
    {
        await using var broker = await StartAsync(new() { Logins = Logins });
        var subscribed = 0;
        while (broker.Status.RequestsRefused == 0)
        {
            var filters = string.Concat(Enumerable.Range(0, 64).Select(i => $"{RawClient.Text($"{i:00}{new string('f', 998)}")}01"));
            await AwayAsync(broker, $"{subscribed++}", "v", $"82 C3 F5 03 00 01 00 {filters}");
            Assert.InRange(subscribed, 0, 100);
        }
        await AwayAsync(broker, "other", "u", SubscribesToA);
        Assert.InRange(subscribed, 50, 100);
    }

    [Fact]
    public async Task Who_says_nothing_makes_room_for_who_does()
    {
        await using var broker = await StartAsync(new() { MaxConnections = 64 });
        var silent = new List<RawClient>();
        for (var i = 0; i < 36; i++)
        {
            silent.Add(await RawClient.OpenAsync(broker.EndPoint, ""));
            if (i % 5 == 0) { (await RawClient.ConnectAsync(broker.EndPoint, RawClient.Connect($"{i}", expiry: 0))).Dispose(); }
        }
        Assert.InRange(broker.Status.ConnectionsRefused, 20, 28);      // 16 may wait
        silent.ForEach(static s => s.Dispose());
    }

    /// <summary>Its acknowledgements come behind its messages on one connection.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_client_that_publishes_to_itself_does_not_wait_for_itself()
    {
        const int Count = 8;
        await using var broker = await StartAsync(new() { MaxPendingMessages = Count / 2 });
        using var client = await RawClient.ConnectAsync(broker.EndPoint);
        await client.SendAsync(SubscribesToA);
        await client.SendAsync(string.Concat(Enumerable.Range(1, Count).Select(static i => $"32 07 00 01 61 00 {i:X2} 00 78"))
            + string.Concat(Enumerable.Range(1, Count).Select(static i => $"40 02 00 {i:X2}")));
        Assert.False(await client.IsClosedAsync().WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal((0, 0), (broker.Status.SessionsEnded, broker.Status.MessagesDropped));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_is_too_large_for_a_reader_with_its_properties_is_dropped_and_the_next_one_comes(bool away)
    {
        await using var broker = await StartAsync(new());
        var reader = await SubscribedAsync(broker, RawClient.Connect("r", expiry: 60, maxPacket: 64));
        if (away)
        {
            reader.Dispose();
            while (broker.Status.Connections > 0) { await Task.Yield(); }
        }
        using var writer = await RawClient.ConnectAsync(broker.EndPoint);
        var name = RawClient.Text(new('n', 60));
        await writer.SendAsync($"32 48 00 01 61 00 01 41 26 {name} 00 00 79 32 07 00 01 61 00 02 00 78");
        await writer.UntilSentAsync("40 02 00 02");

        if (away) { reader = await RawClient.ConnectAsync(broker.EndPoint, RawClient.Connect("r", expiry: 60, maxPacket: 64)); }
        await reader.UntilSentAsync("78");
        Assert.Equal((1, 1), (broker.Status.MessagesDropped, broker.Status.PendingMessages));
        reader.Dispose();
    }

    /// <summary>Kept for a connection that took large packets, and not for one that does not.</summary>
    [Fact]
    public async Task A_reader_that_comes_back_for_smaller_packets_gets_those_that_are()
    {
        await using var broker = await StartAsync(new());
        using (await SubscribedAsync(broker, RawClient.Connect("r", expiry: 60))) { }
        await using var writer = new MqttTransport(new() { Server = broker.Uri });
        await PublishAsync(writer, "a", new('l', 200));
        await PublishAsync(writer, "a", "x");
        using var back = await RawClient.ConnectAsync(broker.EndPoint, RawClient.Connect("r", expiry: 60, maxPacket: 128));
        Assert.True(back.HasSession);
        await back.UntilSentAsync("78");
        Assert.Equal(1, broker.Status.MessagesDropped);
    }

    [Fact]
    public async Task A_broker_ends_though_a_client_does_not_read()
    {
        var broker = await StartAsync(new());
        using var deaf = await RawClient.ConnectAsync(broker.EndPoint);
        await deaf.SendAsync("82 07 00 01 00 00 01 61 00");
        await deaf.UntilSentAsync("90 04 00 01 00 00");
        await using var writer = new MqttTransport(new() { Server = broker.Uri, PublishQos = 1 });
        for (var i = 0; i < 16; i++) { await PublishAsync(writer, "a", new('x', 1 << 20)); }
        await broker.DisposeAsync();
        await broker.DisposeAsync();
        Assert.Equal(0, broker.Status.Connections);
    }

    [Fact]
    public async Task Sessions_of_a_login_push_out_its_own()
    {
        await using var broker = await StartAsync(new() { Logins = Logins, MaxConnections = 2 });
        await AwayAsync(broker, "first", "u");
        foreach (var client in new[] { "1", "2", "3", "4", "5" }) { await AwayAsync(broker, client, "v"); }
        using var first = await RawClient.ConnectAsync(broker.EndPoint, Connect("first", "u"));
        Assert.True(first.HasSession);
        Assert.Equal((3, 3), (broker.Status.Sessions, broker.Status.SessionsEnded));
    }

    [Fact]
    public async Task A_login_has_half_of_the_connections()
    {
        await using var broker = await StartAsync(new() { Logins = Logins, MaxConnections = 4 });
        using var one = await RawClient.ConnectAsync(broker.EndPoint, Connect("1", "v"));
        using var two = await RawClient.ConnectAsync(broker.EndPoint, Connect("2", "v"));
        using var three = await RawClient.OpenAsync(broker.EndPoint, Connect("3", "v"));
        Assert.True(await three.IsClosedAsync());
        using var other = await RawClient.ConnectAsync(broker.EndPoint, Connect("first", "u"));
        Assert.False(await other.IsClosedAsync());
        Assert.False(await two.IsClosedAsync());
    }

    [Fact]
    public async Task A_login_has_a_share_of_what_large_packets_may_take()
    {
        var budget = new ReceiveBudget(100, share: 40, TimeProvider.System);
        await budget.TakeAsync("v", 40, Cancellation);
        var more = budget.TakeAsync("v", 1, Cancellation).AsTask();
        await budget.TakeAsync("u", 40, Cancellation);
        await budget.TakeAsync(null, 19, Cancellation);
        Assert.False(more.IsCompleted);
        budget.Release("v", 40);
        await more;
    }

    private static MqttBrokerLogin Login(string user) => new(user, "p"u8) { Publish = ["#"], Subscribe = ["#"] };

    private static MqttTransport Writer(MqttBroker broker) => new(new()
    {
        Server = broker.Uri,
        Credentials = static _ => ValueTask.FromResult(new MqttCredentials("u", "p"u8.ToArray())),
    });

    /// <summary>A client that reads the topic <c>a</c> at QoS 1.</summary>
    private static async Task<RawClient> SubscribedAsync(MqttBroker broker, string connect)
    {
        var client = await RawClient.ConnectAsync(broker.EndPoint, connect);
        await client.SendAsync(SubscribesToA);
        await client.UntilSentAsync("90 04 00 01 00 01");
        return client;
    }

    private static string Connect(string client, string user) => RawClient.Connect(client, expiry: 60, login: (user, "p"));

    private static async Task AwayAsync(MqttBroker broker, string client, string user, string? subscribe = null)
    {
        using (var away = await RawClient.ConnectAsync(broker.EndPoint, Connect(client, user)))
        {
            if (subscribe is not null)
            {
                await away.SendAsync(subscribe);
                Assert.False(await away.IsClosedAsync());
            }
        }
        while (broker.Status.Connections > 0) { await Task.Yield(); }
    }
}
