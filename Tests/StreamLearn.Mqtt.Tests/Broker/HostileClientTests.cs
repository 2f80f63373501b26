namespace StreamLearn.Mqtt.Tests;

/// <summary>Clients that keep to no rule: the broker lives, and the others are served.</summary>
public sealed class HostileClientTests
{
    private const long Allowed = 256 << 20;

    [Fact]
    public void There_are_a_hundred_of_them() => Assert.InRange(
        HostilePackets.V5.Count + HostilePackets.V311.Count + HostilePackets.Greetings.Count + HostilePackets.Overlooked.Count, 100, 200);

    [Theory, InlineData(RawClient.Connect5), InlineData(RawClient.Connect311)]
    public async Task Who_sends_what_no_client_may_is_closed_and_nobody_else(string connect)
    {
        await using var broker = await StartAsync();
        await using var honest = await Reader.StartAsync(broker);
        var (left, packets) = (new List<string>(), connect == RawClient.Connect5 ? HostilePackets.V5 : HostilePackets.V311);
        foreach (var (name, hex) in packets)
        {
            using var hostile = await RawClient.ConnectAsync(broker.EndPoint, connect);
            await hostile.SendAsync(hex);
            if (!await hostile.IsClosedAsync()) { left.Add(name); }
            await honest.ExchangeAsync("meanwhile");
        }
        Assert.Empty(left);
        Assert.Equal(0, honest.Losses);
    }

    /// <summary>The reader is our own client, which leaves a server that sends it anything malformed.</summary>
    [Fact]
    public async Task What_is_overlooked_reaches_no_other_client()
    {
        await using var broker = await StartAsync();
        await using var honest = await Reader.StartAsync(broker);
        foreach (var (_, hex) in HostilePackets.Overlooked)
        {
            using var hostile = await RawClient.ConnectAsync(broker.EndPoint);
            await hostile.SendAsync(hex);
            await hostile.IsClosedAsync();
            await honest.ExchangeAsync("meanwhile");
        }
        Assert.Equal(0, honest.Losses);
    }

    [Fact]
    public async Task Who_does_not_begin_with_a_sound_connect_is_closed_and_nobody_else()
    {
        await using var broker = await StartAsync();
        await using var honest = await Reader.StartAsync(broker);
        var left = new List<string>();
        foreach (var (name, hex) in HostilePackets.Greetings)
        {
            using var hostile = await RawClient.OpenAsync(broker.EndPoint, hex);
            hostile.Stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);       // nothing more comes: what is cut short stays so
            if (!await hostile.IsClosedAsync()) { left.Add(name); }
        }
        Assert.Empty(left);
        await honest.ExchangeAsync("after");
        Assert.Equal(0, honest.Losses);
    }

    /// <summary>Each announces a packet as large as is allowed, subscribes to everything, pings and reads nothing, or sends half a
    /// CONNECT.</summary>
    [Fact]
    public async Task A_thousand_hostile_connections_take_a_bounded_memory_and_hold_up_nobody()
    {
        const int Connections = 1000;
        await using var broker = await StartAsync();
        await using var honest = await Reader.StartAsync(broker);
        await honest.ExchangeAsync("before");
        GC.Collect();
        var before = Environment.WorkingSet;
        var most = 0L;
        var clients = new List<RawClient>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                var connect = $"10 11 00 04 4D 51 54 54 05 02 00 00 00 00 04 {Convert.ToHexString(Encoding.ASCII.GetBytes($"{i:0000}"))}";
                clients.Add(i % 4 == 3 ? await RawClient.OpenAsync(broker.EndPoint, connect[..20])
                    : await RawClient.ConnectAsync(broker.EndPoint, connect));
                await clients[i].SendAsync((i % 4) switch
                {
                    0 => "82 07 00 01 00 00 01 23 01",                   // all that there is, never acknowledged
                    1 => "30 FF FF FF 01 00 01 61 00",                   // almost 4 MiB are to come
                    2 => string.Concat(Enumerable.Repeat("C0 00", 500)), // answers that are never read
                    _ => "00",
                });
                if (i % 50 == 0)
                {
                    await honest.ExchangeAsync($"at {i}", new byte[64 << 10]);
                    most = Math.Max(most, Environment.WorkingSet - before);
                }
            }
            for (var i = 0; i < 100; i++) { await honest.ExchangeAsync($"then {i}", new byte[64 << 10]); }
            most = Math.Max(most, Environment.WorkingSet - before);
            TestContext.Current.TestOutputHelper?.WriteLine($"{most >> 20} MiB at most, {broker.Status}");
        }
        finally { clients.ForEach(static c => c.Dispose()); }

        Assert.InRange(most, 0, Allowed);
        Assert.Equal(0, honest.Losses);
        await honest.ExchangeAsync("after");
    }

    private static Task<MqttBroker> StartAsync() => MqttBroker.StartAsync(new() { Listen = new(System.Net.IPAddress.Loopback, 0) });

    /// <summary>Our own client, which publishes and reads, and which leaves a server that sends it anything malformed.</summary>
    private sealed class Reader : IAsyncDisposable
    {
        private readonly MqttTransport _transport;
        private readonly IAsyncEnumerator<Message> _messages;

        private Reader(MqttTransport transport)
        {
            _transport = transport;
            _messages = transport.SubscribeAsync("#", new() { Capacity = 1024 }, Cancellation).GetAsyncEnumerator(Cancellation);
        }

        internal long Losses => _transport.Status.Subscriptions.Sum(static s => s.Connects - 1);

        internal static async Task<Reader> StartAsync(MqttBroker broker)
        {
            var reader = new Reader(new(new() { Server = broker.Uri, CleanStart = true }));
            await reader.ExchangeAsync("first");
            return reader;
        }

        /// <summary>Publishes a message, and reads until it comes back.</summary>
        internal async Task ExchangeAsync(string text, byte[]? more = null)
        {
            byte[] payload = [.. Encoding.UTF8.GetBytes(text), .. more ?? []];
            var topic = $"honest/{text.Replace(' ', '-')}";
            await _transport.PublishAsync(topic, new ReadOnlySequence<byte>(payload), new(new("honest", 0)), Cancellation);
            while (true)
            {
                Assert.True(await _messages.MoveNextAsync());
                using var message = _messages.Current;
                message.Acknowledge();
                if (message.Topic.Value == topic) { return; }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _messages.DisposeAsync();
            await _transport.DisposeAsync();
        }
    }
}
