using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A message that comes again after a restart of its reader says so, and is counted.</summary>
public sealed class RedeliveryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_has_the_flag_that_the_server_gave_it(bool duplicate)
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "c" });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await server.SubscribedAsync(sessionPresent: true);
        await connection.PublishAsync("a", new byte[1], qos: 1, packetId: 7, duplicate);

        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));

        Assert.Equal(duplicate, messages.Current.IsRedelivered);
        Assert.Equal(
            (1L, duplicate ? 1L : 0L),
            (transport.Status.Subscriptions[0].Received, transport.Status.Subscriptions[0].Redeliveries));
        messages.Current.Acknowledge();
        messages.Current.Dispose();
    }

    [Theory]
    [Trait("needs", "mosquitto")]
    [InlineData(MqttVersion.V311, 1)]
    [InlineData(MqttVersion.V5, 1)]
    [InlineData(MqttVersion.V5, 2)]
    public async Task A_decoder_sees_that_a_message_came_to_the_reader_before(MqttVersion version, int qos)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        var options = new MqttOptions { Server = mosquitto.Uri, Version = version, ClientId = "reader", SubscribeQos = qos };
        await using var writer = new MqttTransport(new() { Server = mosquitto.Uri, PublishQos = qos });
        await using (var transport = new MqttTransport(options))
        {
            await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
            var first = messages.MoveNextAsync().AsTask();
            await transport.PublishAsync("granted", default, default, Cancellation);
            await writer.PublishAsync("a", new("1"u8.ToArray()), default, Cancellation);
            Assert.True(await ScriptedServer.Patiently(first));
            Assert.False(messages.Current.IsRedelivered);
            messages.Current.Refuse("the reader ends");
            messages.Current.Dispose();
        }

        await using var next = new MqttTransport(options);
        var seen = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var run = Pipeline.Define("reader", p => p
            .Subscribe<Seen>(next, "a", "seen/1", (in message, _) => new(message.IsRedelivered))
            .ForEach("keep", s => seen.TrySetResult(s.IsRedelivered))).Start(null, Cancellation);

        Assert.True(await ScriptedServer.Patiently(seen.Task));
        Assert.Equal(1, next.Status.Subscriptions[0].Redeliveries);
    }

    private sealed record Seen(bool IsRedelivered);
}
