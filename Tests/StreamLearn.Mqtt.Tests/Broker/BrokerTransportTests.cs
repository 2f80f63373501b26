namespace StreamLearn.Mqtt.Tests;

/// <summary>What a transport promises, over the broker, as over mosquitto. Not offered here: QoS 2, groups.</summary>
public sealed class BrokerTransportTests
{
    [Theory, InlineData(MqttVersion.V5, 0), InlineData(MqttVersion.V5, 1), InlineData(MqttVersion.V311, 0), InlineData(MqttVersion.V311, 1)]
    public async Task Messages_come_in_order_and_once(MqttVersion version, int qos)
    {
        await using var broker = await StartAsync();
        await using var transport = new MqttTransport(
            new() { Server = broker.Uri, Version = version, PublishQos = qos, SubscribeQos = qos });
        const int Count = 2000;
        // at QoS 0 what comes beyond the capacity is dropped
        var messages = transport.SubscribeAsync("plant/+/vibration", new() { Capacity = qos == 0 ? Count : 64 }, Cancellation);
        var publishing = PublishAllAsync();

        var seen = new List<string>();
        await foreach (var message in messages)
        {
            seen.Add(Encoding.UTF8.GetString(message.Payload));
            Assert.Equal("plant/7/vibration", message.Topic.Value);
            message.Acknowledge();
            message.Dispose();
            if (seen.Count == Count) { break; }
        }
        await publishing;
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"m{i}"), seen);

        async Task PublishAllAsync() { for (var i = 0; i < Count; i++) { await PublishAsync(transport, "plant/7/vibration", $"m{i}"); } }
    }

    /// <summary>A client that takes eight at a time gets no ninth: MQTTnet alone would send all.</summary>
    [Fact]
    public async Task A_reader_gets_no_more_than_its_capacity_at_a_time_and_loses_nothing()
    {
        const int Count = 500;
        await using var broker = await StartAsync();
        await using var transport = new MqttTransport(new() { Server = broker.Uri });
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = 8 }, Cancellation).GetAsyncEnumerator(Cancellation);
        var publishing = Task.WhenAll(Enumerable.Range(0, Count).Select(i => PublishAsync(transport, "a", $"{i}")));
        for (var i = 0; i < Count; i++) { Assert.Equal($"{i}", await NextAsync(messages)); }
        await publishing;
        Assert.Equal(1, transport.Status.Subscriptions.Single().Connects);
    }

    [Fact]
    public async Task A_transport_starts_while_the_broker_is_away_and_comes_back_after_it()
    {
        var place = new IPEndPoint(IPAddress.Loopback, LoopbackPort.Take());
        await using var transport = new MqttTransport(new() { Server = new($"mqtt://{place}"), ClientId = "pump-7" });
        var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var first = PublishAsync(transport, "a", "one");
        await using (await MqttBroker.StartAsync(new() { Listen = place }))
        {
            await first;
            Assert.Equal("one", await NextAsync(messages));
        }
        await using var next = await MqttBroker.StartAsync(new() { Listen = place });
        await SubscribedAsync(transport, connects: 2);      // it has forgotten the session
        await PublishAsync(transport, "a", "two");

        Assert.Equal("two", await NextAsync(messages));
        await messages.DisposeAsync();
    }

    [Fact]
    public async Task What_is_not_acknowledged_comes_again_to_the_next_reader()
    {
        await using var broker = await StartAsync();
        var options = new MqttOptions { Server = broker.Uri, ClientId = "reader" };
        await using (var transport = new MqttTransport(options))
        {
            await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
            foreach (var text in new[] { "one", "two", "three" }) { await PublishAsync(transport, "a", text); }
            Assert.Equal("one", await NextAsync(messages));
            Assert.True(await messages.MoveNextAsync());
            messages.Current.Refuse("stopped");
            messages.Current.Dispose();
        }
        await using var next = new MqttTransport(options);
        await PublishAsync(next, "a", "four");
        await using var again = next.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(["two", "three", "four"], [await NextAsync(again), await NextAsync(again), await NextAsync(again)]);
    }

    /// <summary>Connections are lost while messages are under way, also of a client that comes back before its old one is
    /// gone.</summary>
    [Fact]
    public async Task Nothing_is_lost_over_many_short_connections()
    {
        const int Count = 400;
        await using var broker = await StartAsync();
        await using var line = new FaultProxy(broker.EndPoint.Port);
        await using var reader = new MqttTransport(new()
        {
            Server = new($"mqtt://127.0.0.1:{line.Port}"),
            ClientId = "reader",
            InitialReconnectDelay = TimeSpan.FromMilliseconds(5),
        });
        await using var writer = new MqttTransport(new() { Server = broker.Uri });
        await using var messages = reader.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var seen = new HashSet<string>();
        await SubscribedAsync(reader);
        await PublishAsync(writer, "a", "first");
        while (!seen.Contains("first")) { seen.Add(await NextAsync(messages)); }
        for (var i = 0; i < Count; i++)
        {
            await PublishAsync(writer, "a", $"{i}");
            if (i % 20 == 0) { line.Cut(); }
            if (i % 3 == 0) { seen.Add(await NextAsync(messages)); }
        }
        while (seen.Count < Count + 1) { seen.Add(await NextAsync(messages)); }
        Assert.Equal(0, broker.Status.MessagesDropped);
    }

    [Fact]
    public async Task Retained_messages_are_flagged_and_carry_their_properties()
    {
        await using var broker = await StartAsync();
        await using var transport = new MqttTransport(new() { Server = broker.Uri });
        var properties = new MessageProperties
        {
            User = [new("site", "north"), new("site", "south")],
            CorrelationData = new byte[] { 1, 2 },
            ResponseTopic = "answers",
            ContentType = "text/plain",
        };
        await transport.PublishAsync("a", new("x"u8.ToArray()), new() { Retain = true, Properties = properties }, Cancellation);

        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await messages.MoveNextAsync());
        var retained = messages.Current;
        Assert.True(retained.IsRetained);
        Assert.Equal(properties.User, retained.Properties!.User);
        Assert.Equal(properties.CorrelationData.ToArray(), retained.Properties.CorrelationData.ToArray());
        Assert.Equal(("answers", "text/plain"), (retained.Properties.ResponseTopic, retained.Properties.ContentType));
        retained.Acknowledge();
        retained.Dispose();
    }

    [Fact]
    public async Task A_message_larger_than_the_broker_takes_is_refused_before_it_is_sent()
    {
        await using var broker = await StartAsync(new() { MaxPacketBytes = 1 << 16 });
        await using var transport = new MqttTransport(new() { Server = broker.Uri });
        await PublishAsync(transport, "a", "fits");
        var refused = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(transport, "a", new string('x', 1 << 17)));
        Assert.False(refused.IsTransient);
        await PublishAsync(transport, "a", new string('x', 60_000));
        Assert.Equal(0, broker.Status.PacketsRefused);
    }

    internal static Task<MqttBroker> StartAsync(MqttBrokerOptions? options = null) =>
        MqttBroker.StartAsync((options ?? new()) with { Listen = new(IPAddress.Loopback, 0) });

    /// <summary>Waits until the subscription of a transport is granted, over so many connections.</summary>
    internal static Task SubscribedAsync(MqttTransport transport, int connects = 1) => UntilAsync(() => transport.Status.Subscriptions is
        [{ IsConnected: true, GrantedQos: not null } session] && session.Connects >= connects, () => transport.Status);

    internal static Task PublishAsync(MqttTransport transport, string topic, string text, bool retain = false) => transport.PublishAsync(
        topic, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), new(new("test", 0), retain), Cancellation).AsTask();

    internal static async Task<string> NextAsync(IAsyncEnumerator<Message> messages)
    {
        Assert.True(await messages.MoveNextAsync());
        using var message = messages.Current;
        message.Acknowledge();
        return Encoding.UTF8.GetString(message.Payload);
    }
}
