using System.Buffers;
using System.Text;
using MqttReader;
using StreamLearn.Testing;
using static StreamLearn.Mqtt.Tests.Waiting;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What every transport promises, at a real server.</summary>
public sealed class ContractTests
{
    private static readonly PublishOptions From = new(new("pump-7/publish", 8, 3)) { Codec = "delta/1", Tags = new(BaseVersion: 5) };

    [Theory]
    [InlineData("sl/line-2/pump-7/up/delta", true, 1)]
    [InlineData("plant/p7", true, 0)]
    [InlineData("sl/line-2/pump-7/up/delta", false, 1)]
    public async Task What_is_published_comes_with_its_envelope_and_its_properties(string topic, bool isV5, int qos)
    {
        await using var server = await Mosquitto.StartAsync();
        using var client = Client();
        await using var transport = new MqttNetTransport(client, new() { PublishQos = qos, SubscribeQos = qos });
        await using var messages = transport.SubscribeAsync(topic, new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var properties = new MessageProperties
        {
            User = [new("unit", "g")],
            CorrelationData = new byte[] { 1 },
            ResponseTopic = "answers",
            ContentType = "text/plain",
        };
        var publishing = transport.PublishAsync(
            topic, new([1, 2, 3]), From with { Properties = isV5 ? properties : null }, Cancellation).AsTask();
        Assert.False(transport.Status.IsConnected);       // the application connects it, not the transport
        await client.ConnectAsync(ClientOwner.Options(server.Uri, "test", isV5), Cancellation);

        var message = await messages.NextAsync();
        var isOwn = topic.StartsWith("sl/", StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], message.Payload.ToArray());
        Assert.Equal(isOwn ? From.Origin : new("", 0), message.Origin);
        Assert.Equal(isOwn, message.TryEnvelope(out var envelope));
        Assert.Equal(isOwn ? "line-2 delta/1 5" : "  ", $"{envelope.Run} {envelope.Codec} {envelope.Tags.BaseVersion}");
        Assert.Equal(isV5 ? properties : null, message.Properties);
        message.End();
        await publishing.Patiently();
        await UntilAsync(() => transport.Status.Held == 0, () => transport.Status);
        Assert.Equal((1, 1, true), (transport.Status.Published, transport.Status.Received, transport.Status.IsConnected));
    }

    [Fact]
    public async Task What_is_retained_is_flagged_and_a_filter_takes_what_it_matches()
    {
        await using var server = await Mosquitto.StartAsync();
        using var client = Client();
        await using var transport = new MqttNetTransport(client);
        await client.ConnectAsync(ClientOwner.Options(server.Uri, "test"), Cancellation);
        await transport.PublishAsync("plant/p7/x", new([7]), From with { Retain = true }, Cancellation);
        await using var all = transport.SubscribeAsync("plant/+/x", new() { Durable = false }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        var kept = await all.NextAsync();
        await using var shared = transport.SubscribeAsync("jobs/#", new() { Group = "g", Durable = false }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await transport.PublishAsync("plant/p8/x", new([8]), From, Cancellation);
        await transport.PublishAsync("jobs/1", new([9]), From, Cancellation);
        var (passing, job) = (await all.NextAsync(), await shared.NextAsync());

        Assert.Equal([(true, 7), (false, 8), (false, 9)],
            new[] { kept, passing, job }.Select(static m => (m.IsRetained, (int)m.Payload.FirstSpan[0])));
        foreach (var message in new[] { kept, passing, job }) { message.End(); }
        await UntilAsync(() => transport.Status.Held == 0, () => transport.Status);
    }

    [Fact]
    public async Task A_subscription_that_is_canceled_hands_out_what_came_and_ends()
    {
        await using var server = await Mosquitto.StartAsync();
        using var client = Client();
        await using var transport = new MqttNetTransport(client);
        await client.ConnectAsync(ClientOwner.Options(server.Uri, "test"), Cancellation);
        using var end = new CancellationTokenSource();
        await using var messages = transport.SubscribeAsync("a", new() { Durable = false }, end.Token).GetAsyncEnumerator(Cancellation);
        for (byte i = 0; i < 3; i++) { await transport.PublishAsync("a", new([i]), From, Cancellation); }
        await UntilAsync(() => transport.Status.Received == 3, () => transport.Status);
        await end.CancelAsync();
        for (byte i = 0; i < 3; i++) { Assert.Equal([i], (await messages.NextAsync()).Payload.ToArray()); }
        Assert.False(await messages.MoveNextAsync().AsTask().Patiently());
        Assert.Empty(await transport.SubscribeAsync("a", new(), end.Token).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Properties_are_refused_where_the_protocol_has_none()
    {
        await using var server = await Mosquitto.StartAsync();
        using var client = Client();
        await using var transport = new MqttNetTransport(client);
        await client.ConnectAsync(ClientOwner.Options(server.Uri, "test", isV5: false), Cancellation);
        var options = From with { Properties = new() { ContentType = "text/plain" } };
        var refusal = await Assert.ThrowsAsync<TransportException>(
            () => transport.PublishAsync("a", default, options, Cancellation).AsTask());
        Assert.False(refusal.IsTransient);
        await transport.PublishAsync("a", default, From, Cancellation).AsTask().Patiently();
    }

    [Fact]
    public async Task A_pipeline_goes_over_the_client_of_the_application()
    {
        await using var server = await Mosquitto.StartAsync();
        using var client = Client();
        await using var transport = new MqttNetTransport(client);
        var texts = new List<string>();
        await using var run = Pipeline.Define("answers", p => p
            .Subscribe<string>(transport, "questions", "text/1", (in message, _) => Encoding.UTF8.GetString(message.Payload))
            .ForEach("said", texts.Add)).Start(null, Cancellation);
        await client.ConnectAsync(ClientOwner.Options(server.Uri, "test"), Cancellation);
        await transport.PublishAsync("questions", new("why"u8.ToArray()), From, Cancellation);
        await UntilAsync(() => transport.Status is { Received: 1, Held: 0 }, () => transport.Status);
        Assert.Equal(["why"], texts);
    }

    [Fact]
    public async Task What_no_server_may_take_is_refused_at_once_and_a_disposed_transport_says_so()
    {
        using var client = Client();
        Assert.Throws<ArgumentOutOfRangeException>(() => new MqttNetTransport(client, new() { SubscribeQos = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MqttNetTransport(client, new() { PublishQos = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MqttNetTransport(client, new() { PublishInFlight = 0 }));
        var transport = new MqttNetTransport(client);
        await Assert.ThrowsAsync<ArgumentException>(() => transport.PublishAsync("a/#", default, From, Cancellation).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => transport.SubscribeAsync("a", new() { Capacity = 0 }, Cancellation));
        Assert.Throws<ArgumentException>(() => transport.SubscribeAsync("a", new() { From = StartPosition.All }, Cancellation));
        var waiting = transport.PublishAsync("a", default, From, Cancellation).AsTask();
        await transport.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => waiting.Patiently());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => transport.PublishAsync("a", default, From, Cancellation).AsTask());
    }
}
