namespace StreamLearn.Mqtt.Tests;

/// <summary>A pipeline that has many publications under way at once at a real server: they keep their order.</summary>
public sealed class PublishWindowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly MosquittoOptions Patient = new() { More = ["max_queued_messages 0"] };

    [Theory, InlineData(MqttVersion.V5, 0), InlineData(MqttVersion.V5, 1), InlineData(MqttVersion.V5, 2), InlineData(MqttVersion.V311, 1)]
    public async Task Messages_come_in_order_and_once(MqttVersion version, int qos)
    {
        const int count = 2_000;
        await using var server = await Mosquitto.StartAsync(Patient);
        await using var transport = new MqttTransport(
            new() { Server = server.Uri, Version = version, PublishQos = qos, SubscribeQos = qos });
        var messages = transport.SubscribeAsync("rows", new() { Capacity = 1024 }, Cancellation);
        await using var run = Numbers(transport, count).Start(null, Cancellation);
        Assert.Equal(Enumerable.Range(0, count).Select(i => (float)i), await ReadAsync(messages, count));
        await run.Completion.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Messages_come_in_order_through_lost_connections()
    {
        const int count = 3_000;
        await using var server = await Mosquitto.StartAsync(Patient);
        await using var proxy = new FaultProxy(server.Port);
        await using var reader = new MqttTransport(new() { Server = server.Uri });
        await using var writer = new MqttTransport(
            new() { Server = proxy.Uri, ClientId = "writer", InitialReconnectDelay = TimeSpan.FromMilliseconds(20) });
        var messages = reader.SubscribeAsync("rows", new() { Capacity = 1024 }, Cancellation);
        await reader.PublishAsync("ready", default, default, Cancellation);       // the subscription is answered
        proxy.Set(Direction.Down, new() { CutAfter = 4_000 });                      // of each connection, in the middle of confirmations
        await using var run = Numbers(writer, count).Start(null, Cancellation);

        var seen = await ReadAsync(messages, count);
        Assert.Equal(Enumerable.Range(0, count).Select(i => (float)i), seen.Distinct());
        await run.Completion.WaitAsync(Patience, Cancellation);
        Assert.True(proxy.Connections > 2, $"{proxy.Connections} connections");
    }

    [Fact]
    public async Task Messages_published_before_a_subscription_is_answered_keep_their_order_and_one_that_is_given_up_holds_no_other_up()
    {
        await using var server = await Mosquitto.StartAsync(Patient with { Durable = true });
        await server.KillAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        var messages = transport.SubscribeAsync("rows", new() { Capacity = 1024 }, Cancellation);
        using var given = new CancellationTokenSource();
        var published = Enumerable.Range(0, 500).Select(i => transport.PublishAsync(
            "rows", new(BitConverter.GetBytes((float)i)), default, i == 100 ? given.Token : Cancellation).AsTask()).ToList();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => published[100].WaitAsync(Patience, Cancellation));
        Assert.DoesNotContain(published.Where((_, i) => i != 100), p => p.IsCompleted);
        await server.StartAgainAsync();

        var expected = Enumerable.Range(0, 500).Where(i => i != 100).Select(i => (float)i);
        Assert.Equal(expected, await ReadAsync(messages, 499));
        await Task.WhenAll(published.Where((_, i) => i != 100)).WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public void No_more_are_under_way_than_the_settings_allow() =>
        Assert.Equal(17, new MqttTransport(new() { PublishInFlight = 17 }).MaxInFlight);

    private static Pipeline Numbers(MqttTransport transport, int count) => Pipeline.Define("numbers", p => p
        .From("count", count, (int count, OperatorContext context) => new Counting(count, context.Pool))
        .Publish(transport, "rows", RowCodec.Default));

    /// <summary>Reads so many different numbers.</summary>
    private static async Task<List<float>> ReadAsync(IAsyncEnumerable<Message> messages, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (seen, different) = (new List<float>(), new HashSet<float>());
        await foreach (var message in messages.WithCancellation(patience.Token))
        {
            seen.Add(BitConverter.ToSingle(message.Payload.FirstSpan));
            message.Dispose();
            message.Acknowledge();
            if (different.Add(seen[^1]) && different.Count == count) { break; }
        }
        return seen;
    }

    private sealed class Counting(int count, BatchPool pool) : Source<Batch>
    {
        private static readonly Schema Columns = new(Field.Channel("c0", Unit.One));
        private int _next;
        public override DateTimeOffset? NextAt => _next < count ? DateTimeOffset.UnixEpoch : null;

        public override Batch Next()
        {
            var batch = pool.Rent(Columns, 1);
            batch.Channels[0].Writable<float>()[0] = _next++;
            return batch;
        }
    }
}
