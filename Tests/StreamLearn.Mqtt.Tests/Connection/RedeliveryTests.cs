namespace StreamLearn.Mqtt.Tests;

/// <summary>A message that comes again after a restart of its reader says so, and is counted.</summary>
public sealed class RedeliveryTests
{
    [Theory, InlineData(true), InlineData(false)]
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

    [Theory, InlineData(MqttVersion.V311, 1), InlineData(MqttVersion.V5, 1), InlineData(MqttVersion.V5, 2)]
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
            .Subscribe<Seen>(next, "a", "seen/1", (message, _) => new(message.IsRedelivered))
            .ForEach("keep", s => seen.TrySetResult(s.IsRedelivered))).Start(null, Cancellation);

        Assert.True(await ScriptedServer.Patiently(seen.Task));
        Assert.Equal(1, next.Status.Subscriptions[0].Redeliveries);
    }

    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task Messages_that_a_killed_program_left_unreleased_do_not_swallow_those_of_the_next(MqttVersion version)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var reader = new MqttTransport(new() { Server = mosquitto.Uri, Version = version, SubscribeQos = 2 });
        await using var messages = reader.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var first = messages.MoveNextAsync().AsTask();
        await reader.PublishAsync("granted", default, default, Cancellation);
        await LeaveUnreleasedAsync(mosquitto.Uri, version, first: 33);

        await using var next = new MqttTransport(new() { Server = mosquitto.Uri, Version = version, ClientId = "killed", PublishQos = 2 });
        for (byte number = 0; number < 10; number++) { await next.PublishAsync("a", new([number]), default, Cancellation); }

        var seen = new List<byte>();
        for (var came = first; seen.Count(static s => s < 100) < 10; came = null)
        {
            Assert.True(await ScriptedServer.Patiently(came ?? messages.MoveNextAsync().AsTask()));
            seen.Add(messages.Current.Payload.FirstSpan[0]);
            messages.Current.Acknowledge();
            messages.Current.Dispose();
        }
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seen.Where(static s => s < 100));
    }

    /// <summary>Publishes with QoS 2, hears that the server has recorded it, and is gone.</summary>
    private static async Task LeaveUnreleasedAsync(Uri server, MqttVersion version, byte first)
    {
        const int Count = 20;       // as many as mosquitto lets a client have
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(server.Host, server.Port, Cancellation);
        var stream = client.GetStream();
        byte[] name = [0, 6, .. "killed"u8];
        byte[] connect = version == MqttVersion.V5
            ? [0, 4, .. "MQTT"u8, 5, 0, 0, 0, 5, 0x11, 0, 0, 1, 0, .. name]      // the session expires after 256 s
            : [0, 4, .. "MQTT"u8, 4, 0, 0, 0, .. name];
        await stream.WriteAsync((byte[])[0x10, (byte)connect.Length, .. connect], Cancellation);
        for (var id = first; id < first + Count; id++)
        {
            byte[] publish = version == MqttVersion.V5 ? [0, 1, 0x61, 0, id, 0, (byte)(100 + id)] : [0, 1, 0x61, 0, id, (byte)(100 + id)];
            await stream.WriteAsync((byte[])[0x34, (byte)publish.Length, .. publish], Cancellation);
        }
        for (var recorded = 0; recorded < Count;)
        {
            var head = new byte[2];
            await stream.ReadExactlyAsync(head, Cancellation);
            await stream.ReadExactlyAsync(new byte[head[1]], Cancellation);
            if (head[0] >> 4 == 5) { recorded++; }
        }
    }

    private sealed record Seen(bool IsRedelivered);
}
