namespace StreamLearn.Mqtt.Tests;

/// <summary>What is under way at once is what the server takes, also where it cannot say how much that is.</summary>
public sealed class InFlightTests
{
    private const int Messages = 200;

    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task What_a_server_with_its_default_settings_confirms_at_QoS_2_it_delivers(MqttVersion version)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(
            new() { Server = mosquitto.Uri, Version = version, PublishQos = 2, SubscribeQos = 2 });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);

        var published = Enumerable.Range(0, Messages).Select(n =>
            transport.PublishAsync("a", new ReadOnlySequence<byte>(BitConverter.GetBytes(n)), default, Cancellation).AsTask()).ToList();
        await ScriptedServer.Patiently(Task.WhenAll(published));

        var seen = new HashSet<int>();
        while (seen.Count < Messages)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            seen.Add(BitConverter.ToInt32(messages.Current.Payload.ToArray()));
            messages.Current.Acknowledge();
            messages.Current.Dispose();
        }
        Assert.Equal((0L, 0L), (transport.Status.Publishing.Losses, transport.Status.Publishing.Redeliveries));
    }

    [Theory, InlineData(MqttVersion.V311, 2, null, 20), InlineData(MqttVersion.V311, 1, null, 256)]
    [InlineData(MqttVersion.V5, 2, null, 256), InlineData(MqttVersion.V311, 2, 100, 100)]
    public async Task The_window_is_small_where_the_server_cannot_say_what_it_takes(MqttVersion version, int qos, int? set, int expected)
    {
        await using var transport = new MqttTransport(new() { Version = version, PublishQos = qos, PublishInFlight = set });
        Assert.Equal(expected, transport.MaxInFlight);
    }
}
