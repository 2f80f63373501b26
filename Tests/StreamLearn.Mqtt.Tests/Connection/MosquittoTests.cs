using System.Buffers;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

public sealed class MosquittoTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MqttVersion.V5, 0)]
    [InlineData(MqttVersion.V5, 1)]
    [InlineData(MqttVersion.V5, 2)]
    [InlineData(MqttVersion.V311, 0)]
    [InlineData(MqttVersion.V311, 1)]
    [InlineData(MqttVersion.V311, 2)]
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
