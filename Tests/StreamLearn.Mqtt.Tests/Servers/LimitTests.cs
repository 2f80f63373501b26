namespace StreamLearn.Mqtt.Tests;

/// <summary>What a real server does not take.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_message_over_the_servers_size_limit_fails_its_call_and_no_other()
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["message_size_limit 10000"] });
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        ValueTask Publish(int bytes, long sequence) => transport.PublishAsync(
            "plant/model", new ReadOnlySequence<byte>(new byte[bytes]), new(new("test", sequence)), Cancellation);

        await Publish(9_000, 1);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(Publish(11_000, 2).AsTask()));
        await ScriptedServer.Patiently(Publish(9_000, 3).AsTask());
        Assert.False(refusal.IsTransient);
        Assert.Contains("bytes to 'plant/model': PacketTooLarge", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(transport.Status.Publishing.Connects, 1, 2);         // it may close the connection, too
    }

    [Theory, InlineData(MqttVersion.V311, 1), InlineData(MqttVersion.V311, 2), InlineData(MqttVersion.V5, 1)]
    public async Task A_packet_over_the_servers_size_limit_fails_its_call_and_no_other(MqttVersion version, int qos)
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["max_packet_size 10000"] });
        await using var transport = new MqttTransport(new()
        {
            Server = server.Uri,
            Version = version,
            PublishQos = qos,
            MaxReconnectDelay = TimeSpan.FromMilliseconds(250),
        });
        Task Publish(int bytes, long sequence) => ScriptedServer.Patiently(transport.PublishAsync("plant/model",
            new ReadOnlySequence<byte>(new byte[bytes]), new(new("test", sequence)), Cancellation).AsTask());

        Task[] all = [.. Enumerable.Range(0, 20).Select(i => Publish(i % 10 == 4 ? 200_000 : 100, i))];
        foreach (var (task, i) in all.Select((task, i) => (task, i)))
        {
            if (i % 10 != 4)
            {
                await task;
                continue;
            }
            var refusal = await Assert.ThrowsAsync<TransportException>(() => task);
            Assert.False(refusal.IsTransient);
            Assert.Contains(version == MqttVersion.V5 ? "of at most 10000 bytes" : "of 200000 bytes to 'plant/model'", refusal.Message,
                StringComparison.Ordinal);
        }
        Assert.Equal(18, transport.Status.Publishing.Published);
        Assert.Equal(version == MqttVersion.V5 ? 18 : 0, transport.Status.Publishing.WithoutSubscriber);
    }
}
