namespace StreamLearn.Mqtt.Tests;

public sealed class MosquittoTests
{
    [Theory, InlineData(MqttVersion.V5, 0), InlineData(MqttVersion.V5, 1), InlineData(MqttVersion.V5, 2), InlineData(MqttVersion.V311, 0)]
    [InlineData(MqttVersion.V311, 1), InlineData(MqttVersion.V311, 2)]
    public async Task Messages_come_in_order_and_once(MqttVersion version, int qos)
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(
            new() { Server = server.Uri, Version = version, PublishQos = qos, SubscribeQos = qos });
        const int Count = 40;
        var messages = transport.SubscribeAsync("plant/+/vibration", new() { Capacity = 64 }, Cancellation);
        for (var i = 0; i < Count; i++) { await PublishAsync(transport, "plant/7/vibration", $"m{i}"); }

        var seen = new List<string>();
        await foreach (var message in messages.WithCancellation(Cancellation))
        {
            seen.Add(Encoding.UTF8.GetString(message.Payload));
            Assert.Equal("plant/7/vibration", message.Topic.Value);
            message.Dispose();
            message.Acknowledge();
            if (seen.Count == Count) { break; }
        }
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"m{i}"), seen);
    }

    [Fact]
    public async Task A_transport_starts_while_the_server_is_away_and_comes_back_after_a_kill()
    {
        await using var server = await Mosquitto.StartAsync(new() { Durable = true });
        await server.KillAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "pump-7" });
        var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var first = PublishAsync(transport, "a", "one");
        await server.StartAgainAsync();
        await first;

        Assert.Equal("one", await NextAsync(messages));
        await server.KillAsync();
        var second = PublishAsync(transport, "a", "two");
        await server.StartAgainAsync();
        await second;

        Assert.Equal("two", await NextAsync(messages));
        await messages.DisposeAsync();
    }

    [Fact]
    public async Task What_is_not_acknowledged_comes_again_to_the_next_reader()
    {
        await using var server = await Mosquitto.StartAsync();
        var options = new MqttOptions { Server = server.Uri, ClientId = "reader" };
        await using (var transport = new MqttTransport(options))
        {
            var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
            await PublishAsync(transport, "a", "one");
            await PublishAsync(transport, "a", "two");
            Assert.True(await messages.MoveNextAsync());
            messages.Current.Acknowledge();
            messages.Current.Dispose();
            Assert.True(await messages.MoveNextAsync());
            messages.Current.Refuse("stopped");
            messages.Current.Dispose();
            await messages.DisposeAsync();
        }
        await using var next = new MqttTransport(options);
        var again = next.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal("two", await NextAsync(again));
        await again.DisposeAsync();
    }

    [Fact]
    public async Task A_canceled_subscription_hands_out_what_it_has_and_ends()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        using var ending = new CancellationTokenSource();
        var messages = transport.SubscribeAsync("a", new(), ending.Token).GetAsyncEnumerator(Cancellation);
        await PublishAsync(transport, "a", "one");
        Assert.Equal("one", await NextAsync(messages));
        await ending.CancelAsync();
        Assert.False(await messages.MoveNextAsync());
    }

    [Fact]
    public async Task Retained_messages_are_flagged_and_carry_their_properties()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        var properties = new MessageProperties
        {
            User = [new("site", "north"), new("site", "south")],
            CorrelationData = new byte[] { 1, 2 },
            ResponseTopic = "answers",
            ContentType = "text/plain",
        };
        await transport.PublishAsync(
            "a", new ReadOnlySequence<byte>("x"u8.ToArray()), new() { Retain = true, Properties = properties }, Cancellation);

        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await messages.MoveNextAsync());
        var retained = messages.Current;
        Assert.True(retained.IsRetained);
        Assert.Equal(properties.User, retained.Properties!.User);
        Assert.Equal(properties.CorrelationData.ToArray(), retained.Properties.CorrelationData.ToArray());
        Assert.Equal(("answers", "text/plain"), (retained.Properties.ResponseTopic, retained.Properties.ContentType));
        Assert.Equal(new MessageOrigin("", 0), retained.Origin);
        retained.Dispose();
        retained.Acknowledge();
        await transport.PublishAsync("a", new ReadOnlySequence<byte>("y"u8.ToArray()), new() { Retain = true }, Cancellation);
        Assert.True(await messages.MoveNextAsync());
        Assert.False(messages.Current.IsRetained);
        Assert.Null(messages.Current.Properties);
        messages.Current.Dispose();
        messages.Current.Acknowledge();
    }

    [Fact]
    public async Task WebSocket_carries_the_same()
    {
        var port = LoopbackPort.Take();
        await using var server = await Mosquitto.StartAsync(new() { More = [$"listener {port} 127.0.0.1", "protocol websockets"] });
        await using var transport = new MqttTransport(new() { Server = new($"ws://127.0.0.1:{port}/mqtt") });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var large = new string('x', 300_000);
        await PublishAsync(transport, "a", large);
        Assert.Equal(large, await NextAsync(messages));
    }

    [Fact]
    public async Task A_shared_subscription_gives_each_message_to_one_member()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var first = new MqttTransport(new() { Server = server.Uri });
        await using var messages = first.SubscribeAsync("$share/g/a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var others = first.SubscribeAsync("$share/g/a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        for (var i = 0; i < 2; i++) { await PublishAsync(first, "a", $"{i}"); }
        var seen = new[] { await NextAsync(messages), await NextAsync(others) };
        Assert.Equal(["0", "1"], seen.Order(StringComparer.Ordinal));
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<Message> messages)
    {
        Assert.True(await messages.MoveNextAsync());
        var text = Encoding.UTF8.GetString(messages.Current.Payload);
        messages.Current.Dispose();
        messages.Current.Acknowledge();
        return text;
    }

    private static Task PublishAsync(MqttTransport transport, string topic, string payload) =>
        transport.PublishAsync(topic, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), default, Cancellation).AsTask();
}
