namespace StreamLearn.Mqtt.Tests;

/// <summary>Messages that are larger than what is taken, of a server that cannot be told how much that is.</summary>
public sealed class OversizedTests
{
    private const int Taken = 65_536;
    private const int Large = 2_000_000;
    private static readonly byte[] Payload = new byte[Large];

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task A_retained_message_is_passed_over_once_and_what_is_behind_it_comes(int qos)
    {
        await using var server = await Mosquitto.StartAsync();
        await using (var publisher = new MqttTransport(new() { Server = server.Uri, PublishQos = qos }))
        {
            await PublishAsync(publisher, "plant/a", Large, retain: true);
            await PublishAsync(publisher, "plant/b", 2, retain: true);
        }
        await using var transport = new MqttTransport(Options(server) with { SubscribeQos = qos });
        await using var messages = transport.SubscribeAsync("plant/#", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await PublishAsync(transport, "plant/c", 3);

        HashSet<int> lengths = [await LengthAsync(messages), await LengthAsync(messages)];

        Assert.Equal([2, 3], lengths.Order());
        var status = transport.Status.Subscriptions[0];
        Assert.Equal((1L, 1L, 0L), (status.Oversized, status.Connects, status.Losses));
        Assert.Contains("1 oversized", status.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task Queued_messages_are_acknowledged_and_do_not_come_again(int qos)
    {
        await using var server = await Mosquitto.StartAsync(new() { Durable = true });
        var options = Options(server) with { ClientId = "reader", SubscribeQos = qos };
        await using (var transport = new MqttTransport(options))
        {
            await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
            await PublishAsync(transport, "a", 1);      // waits until it is subscribed
            Assert.Equal(1, await LengthAsync(messages));
        }
        await using var publisher = new MqttTransport(new() { Server = server.Uri, PublishQos = qos });
        foreach (var length in (int[])[2, Large, 3, Large, Large, 4]) { await PublishAsync(publisher, "a", length); }
        await using (var transport = new MqttTransport(options))
        {
            await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
            int[] lengths = [await LengthAsync(messages), await LengthAsync(messages), await LengthAsync(messages)];
            Assert.Equal([2, 3, 4], lengths);
            Assert.Equal((3L, 1L), (transport.Status.Subscriptions[0].Oversized, transport.Status.Subscriptions[0].Connects));
        }
        await using var next = new MqttTransport(options);
        await using var again = next.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await PublishAsync(next, "a", 5);

        Assert.Equal(5, await LengthAsync(again));
        Assert.Equal(0, next.Status.Subscriptions[0].Oversized);
    }

    [Theory]
    [InlineData("32 0A 0001 'a' 0001 'xxxxx'", 10, 1, 1)]
    [InlineData("3D 0A 0001 'a' 0001 'xxxxx'", 10, 2, 1)]
    [InlineData("30 0A 0001 'a' 'xxxxxxx'", 10, 0, 0)]
    public void What_is_to_be_acknowledged_stands_in_the_head(string packet, int length, int qos, int id)
    {
        var bytes = Bytes.Of(packet);
        var head = qos == 0 ? 5 : 7;
        for (var come = 2; come < head; come++)
        {
            Assert.Equal(FrameState.More, OversizedMessage.Begin(bytes.AsSpan(0, come), out var none, out _));
            Assert.False(none.IsUnderWay);
        }
        Assert.Equal(FrameState.Whole, OversizedMessage.Begin(bytes.AsSpan(0, head), out var message, out _));
        Assert.Equal((qos, id, qos == 2), (message.Qos, message.PacketId, message.Duplicate));
        Assert.Equal((5, true), (message.PassOver(5), message.IsUnderWay));
        Assert.Equal((length + 2 - 5, false), (message.PassOver(1000), message.IsUnderWay));
    }

    [Theory]
    [InlineData("32 05 0010 'a' 0001")]     // the topic goes beyond the end
    [InlineData("32 0A 0001 'a' 0000 'xxxxx'")]
    public void A_head_that_is_none_is_a_fault(string packet) =>
        Assert.Equal(FrameState.Fault, OversizedMessage.Begin(Bytes.Of(packet), out _, out _));

    private static MqttOptions Options(Mosquitto server) =>
        new() { Server = server.Uri, Version = MqttVersion.V311, MaximumPacketBytes = Taken };

    private static async Task<int> LengthAsync(IAsyncEnumerator<Message> messages)
    {
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        var message = messages.Current;
        var length = (int)message.Payload.Length;
        message.Dispose();
        message.Acknowledge();
        return length;
    }

    private static ValueTask PublishAsync(MqttTransport transport, string topic, int bytes, bool retain = false) => transport.PublishAsync(
        topic, new ReadOnlySequence<byte>(Payload, 0, bytes), new() { Retain = retain }, Cancellation);
}
