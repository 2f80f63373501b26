using MQTTnet;
using FleetProcess;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What every transport promises, at a real server.</summary>
public sealed class ContractTests : IAsyncLifetime
{
    private static readonly PublishOptions From = new(new("pump-7/publish", 8, 3)) { Codec = "delta/1", Tags = new(BaseVersion: 5) };
    private readonly IMqttClient _client = Client();
    private readonly MqttNetTransport _transport;
    private Mosquitto _server = null!;
    public ContractTests() => _transport = new(_client);
    public static TheoryData<string> Rules => [.. TransportContract.Rules];
    public async ValueTask InitializeAsync() => _server = await Mosquitto.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task The_transport_keeps_the_contract(string rule)
    {
        var check = TransportContract.CheckAsync(rule, new MqttNetTransport(_client));      // subscribes before the client connects
        await _client.ConnectAsync(ClientOwner.Options(_server.Uri, "test"), Cancellation);
        await check;
    }

    [Theory, InlineData(true, 0), InlineData(true, 1), InlineData(false, 1)]
    public async Task What_is_published_comes_with_its_properties(bool isV5, int qos)
    {
        await using var transport = new MqttNetTransport(_client, new() { PublishQos = qos, SubscribeQos = qos });
        await using var messages = transport.SubscribeAsync("plant/p7", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var properties = new MessageProperties
        {
            User = [new("unit", "g")],
            CorrelationData = new byte[] { 1 },
            ResponseTopic = "answers",
            ContentType = "text/plain",
        };
        var publishing = transport.PublishAsync(
            "plant/p7", new([1, 2, 3]), From with { Properties = isV5 ? properties : null }, Cancellation).AsTask();
        Assert.False(transport.Status.IsConnected);       // the application connects it, not the transport
        await _client.ConnectAsync(ClientOwner.Options(_server.Uri, "test", isV5), Cancellation);

        var message = await messages.NextAsync();
        Assert.Equal([1, 2, 3], message.Payload.ToArray());
        Assert.Equal(new("", 0), message.Origin);
        Assert.Equal(isV5 ? properties : null, message.Properties);
        message.End();
        await publishing.Patiently();
        await UntilAsync(() => transport.Status.Held == 0, () => transport.Status);
        Assert.Equal((1, 1, true), (transport.Status.Published, transport.Status.Received, transport.Status.IsConnected));
    }

    [Fact]
    public async Task What_is_retained_is_flagged_and_a_filter_takes_what_it_matches()
    {
        await _client.ConnectAsync(ClientOwner.Options(_server.Uri, "test"), Cancellation);
        await _transport.PublishAsync("plant/p7/x", new([7]), From with { Retain = true }, Cancellation);
        await using var all = _transport.SubscribeAsync("plant/+/x", new() { Durable = false }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        var kept = await all.NextAsync();
        await using var shared = _transport.SubscribeAsync("jobs/#", new() { Group = "g", Durable = false }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await _transport.PublishAsync("plant/p8/x", new([8]), From, Cancellation);
        await _transport.PublishAsync("jobs/1", new([9]), From, Cancellation);
        var (passing, job) = (await all.NextAsync(), await shared.NextAsync());

        Assert.Equal([(true, 7), (false, 8), (false, 9)],
            new[] { kept, passing, job }.Select(static m => (m.IsRetained, (int)m.Payload.FirstSpan[0])));
        foreach (var message in new[] { kept, passing, job }) { message.End(); }
        await UntilAsync(() => _transport.Status.Held == 0, () => _transport.Status);
    }

    [Fact]
    public async Task A_subscription_that_is_canceled_hands_out_what_came_and_ends()
    {
        await _client.ConnectAsync(ClientOwner.Options(_server.Uri, "test"), Cancellation);
        using var end = new CancellationTokenSource();
        await using var messages = _transport.SubscribeAsync("a", new() { Durable = false }, end.Token).GetAsyncEnumerator(Cancellation);
        for (byte i = 0; i < 3; i++) { await _transport.PublishAsync("a", new([i]), From, Cancellation); }
        await UntilAsync(() => _transport.Status.Received == 3, () => _transport.Status);
        await end.CancelAsync();
        for (byte i = 0; i < 3; i++) { Assert.Equal([i], (await messages.NextAsync()).Payload.ToArray()); }
        Assert.False(await messages.MoveNextAsync().AsTask().Patiently());
        Assert.Empty(await _transport.SubscribeAsync("a", new(), end.Token).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Properties_are_refused_where_the_protocol_has_none()
    {
        await _client.ConnectAsync(ClientOwner.Options(_server.Uri, "test", isV5: false), Cancellation);
        var options = From with { Properties = new() { ContentType = "text/plain" } };
        var refusal = await Assert.ThrowsAsync<TransportException>(
            () => _transport.PublishAsync("a", default, options, Cancellation).AsTask());
        Assert.False(refusal.IsTransient);
        await _transport.PublishAsync("a", default, From, Cancellation).AsTask().Patiently();
    }

    [Fact]
    public async Task A_pipeline_goes_over_the_client_of_the_application()
    {
        var texts = new List<string>();
        await using var run = Pipeline.Define("answers", p => p
            .Subscribe<string>(_transport, "questions", "text/1", (message, _) => Encoding.UTF8.GetString(message.Payload))
            .ForEach("said", texts.Add)).Start(null, Cancellation);
        await _client.ConnectAsync(ClientOwner.Options(_server.Uri, "test"), Cancellation);
        await _transport.PublishAsync("questions", new("why"u8.ToArray()), From, Cancellation);
        await UntilAsync(() => _transport.Status is { Received: 1, Held: 0 }, () => _transport.Status);
        Assert.Equal(["why"], texts);
    }

    [Fact]
    public async Task What_no_server_may_take_is_refused_at_once_and_a_disposed_transport_says_so()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MqttNetTransport(_client, new() { SubscribeQos = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MqttNetTransport(_client, new() { PublishQos = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MqttNetTransport(_client, new() { PublishInFlight = 0 }));
        var transport = new MqttNetTransport(_client);
        await Assert.ThrowsAsync<ArgumentException>(() => transport.PublishAsync("a/#", default, From, Cancellation).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => transport.SubscribeAsync("a", new() { Capacity = 0 }, Cancellation));
        Assert.Throws<ArgumentException>(() => transport.SubscribeAsync("a", new() { From = StartPosition.All }, Cancellation));
        var waiting = transport.PublishAsync("a", default, From, Cancellation).AsTask();
        await transport.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => waiting.Patiently());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => transport.PublishAsync("a", default, From, Cancellation).AsTask());
    }
}
