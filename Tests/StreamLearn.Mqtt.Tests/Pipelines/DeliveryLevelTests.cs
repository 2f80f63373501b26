using System.Collections.Concurrent;
using StreamLearn.Operators;

namespace StreamLearn.Mqtt.Tests;

/// <summary>The delivery levels of pipelines over MQTT: when a message is acknowledged to the server, and when it is not.</summary>
public sealed class DeliveryLevelTests
{
    private const int Credit = 4, Rows = 64, Windows = 3;
    private static readonly TimeSpan Patience = ServerProcess.Patience;

    public static TheoryData<bool, MqttVersion, int> All =>
        [.. from afterCheckpoint in (bool[])[false, true]
            from version in Enum.GetValues<MqttVersion>()
            from qos in new[] { 1, 2 }
            select (afterCheckpoint, version, qos)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_window_of_more_messages_than_the_receive_maximum_fills(bool afterCheckpoint, MqttVersion version, int qos)
    {
        await using var server = await Mosquitto.StartAsync(new() { InFlight = Credit });
        await using var transport = new MqttTransport(
            new() { Server = server.Uri, Version = version, SubscribeQos = qos, PublishQos = qos });
        using var windows = new BlockingCollection<float[]>();
        var run = Pipeline.Define("windows", p => p
            .Subscribe(transport, "plant/p7/rows", RowCodec.Default, new() { Capacity = Credit, AfterCheckpoint = afterCheckpoint })
            .Window(samples: Rows, hop: Rows)
            .ForEach("keep", b => windows.Add(b.Channels[0].Values<float>().ToArray()))).Start(null, Cancellation);

        for (var i = 0; i < Windows * Rows; i++) { await PublishAsync(transport, "plant/p7/rows", i); }

        for (var i = 0; i < Windows; i++)
        {
            Assert.True(windows.TryTake(out var window, Patience), $"window {i}: {transport.Status.Subscriptions[0]}");
            Assert.Equal(Enumerable.Range(i * Rows, Rows).Select(static n => (float)n), window);
        }
        Assert.Equal((Windows * Rows, 0L, 0L), (transport.Status.Subscriptions[0].Received, transport.Status.Subscriptions[0].Redeliveries,
            transport.Status.Subscriptions[0].Dropped));
        await run.DisposeAsync();
    }

    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task Processed_is_acknowledged_when_what_it_caused_is_confirmed_and_not_before(MqttVersion version)
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new() { Server = server.Uri, Version = version, ClientId = "c" });
        var run = Pipeline
            .Define("passing", p => p.Subscribe(transport, "in", RowCodec.Default).Publish(transport, "out", RowCodec.Default))
            .Start(null, Cancellation);
        await using var down = await server.SubscribedAsync();
        await down.PublishAsync("in", BitConverter.GetBytes(1f), qos: 1, packetId: 1);
        await using var up = await server.AcceptAsync();
        await up.ExpectAsync(PacketType.Publish);
        var answer = down.ReadAsync();

        Assert.Equal(1, transport.Status.Subscriptions[0].InFlight);
        Assert.False(answer.IsCompleted);
        await up.AckAsync(PacketType.PubAck, 1);

        var acknowledgement = await ScriptedServer.Patiently(answer);
        Assert.Equal((PacketType.PubAck, 1), (acknowledgement!.Type, acknowledgement.PacketId));
        up.Cut();
        down.Cut();
        await run.DisposeAsync();
    }

    [Fact]
    public async Task A_message_whose_run_fails_is_not_acknowledged_and_comes_again_to_the_next_run()
    {
        await using var server = await Mosquitto.StartAsync();
        var options = new MqttOptions { Server = server.Uri, ClientId = "pump" };
        await using (var transport = new MqttTransport(options))
        {
            var failing = Pipeline.Define("failing", p => p.Subscribe(transport, "in", RowCodec.Default)
                .ForEach("fail", static _ => throw new InvalidOperationException("fail"))).Start(null, Cancellation);
            await PublishAsync(transport, "in", 7);
            await Assert.ThrowsAsync<BlockFailedException>(() => failing.Completion.WaitAsync(Patience, TimeProvider.System, Cancellation));
            await failing.DisposeAsync();
        }
        await using var next = new MqttTransport(options);
        using var seen = new BlockingCollection<float>();
        var run = Pipeline.Define("next", p => p.Subscribe(next, "in", RowCodec.Default)
            .ForEach("keep", b => seen.Add(b.Channels[0].Values<float>()[0]))).Start(null, Cancellation);
        Assert.True(seen.TryTake(out var again, Patience));
        Assert.Equal(7, again);
        await run.DisposeAsync();
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task What_is_no_envelope_is_counted_and_acknowledged_and_the_pipeline_goes_on(int qos)
    {
        const string Where = "sl/run/pump/up/rows";
        await using var server = await Mosquitto.StartAsync();
        var options = new MqttOptions { Server = server.Uri, ClientId = "reader", SubscribeQos = qos, PublishQos = qos };
        using var seen = new BlockingCollection<float>();
        await using var writer = new MqttTransport(new() { Server = server.Uri, PublishQos = qos });
        await using (var transport = new MqttTransport(options))
        {
            await using var run = Run(transport);
            await run.Connected(transport);
            await PublishRawAsync(server, Where, new byte[100], qos);           // as long as an envelope, and none
            await PublishRawAsync(server, Where, [1], qos);
            await PublishAsync(writer, Where, 1);
            Assert.True(seen.TryTake(out var first, Patience));
            Assert.Equal(1, first);
            Assert.Equal(3L, transport.Status.Subscriptions[0].Received);
            var block = run.Run.Metrics[$"subscribe {Where}"];
            Assert.Equal((2L, 1L, 1L), (block.Drops["malformed"], block.Counters["envelope-magic"], block.Counters["envelope-cut"]));
        }
        await using var again = new MqttTransport(options);
        await using var next = Run(again);
        await PublishAsync(writer, Where, 2);
        Assert.True(seen.TryTake(out var second, Patience));
        Assert.Equal(2, second);
        Assert.Equal((0, 1L), (next.Run.Metrics[$"subscribe {Where}"].Drops.Count, again.Status.Subscriptions[0].Received));

        Running Run(MqttTransport transport) => new(Pipeline.Define("reader", p => p.Subscribe(transport, Where, RowCodec.Default)
            .ForEach("keep", b => seen.Add(b.Channels[0].Values<float>()[0]))).Start(null, Cancellation));
    }

    private static ValueTask PublishAsync(MqttTransport transport, string topic, float value) =>
        new EnvelopedTransport(transport).PublishAsync(
            topic, new(BitConverter.GetBytes(value)), new(new("test", (long)value)) { Codec = RowCodec.Default.Name }, Cancellation);

    /// <summary>Publishes bytes as they are, where the library would put an envelope before them.</summary>
    private static async Task PublishRawAsync(Mosquitto server, string topic, byte[] payload, int qos)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, Cancellation);
        await using var connection = new ScriptedConnection(socket, new NetworkStream(socket));
        await connection.SendAsync(Bytes.Of(static o => PacketWriter.Connect(
            o, new() { Version = MqttVersion.V5, ClientId = "raw", CleanStart = true, ReceiveMaximum = 1, MaximumPacketSize = 1 << 20 })));
        await connection.ExpectAsync(PacketType.ConnAck);
        await connection.PublishAsync(topic, payload, (byte)qos, packetId: 1);
        await connection.ExpectAsync(qos == 1 ? PacketType.PubAck : PacketType.PubRec);
        if (qos == 1) { return; }
        await connection.AckAsync(PacketType.PubRel, 1);
        await connection.ExpectAsync(PacketType.PubComp);
    }

    private sealed class Running(PipelineRun run) : IAsyncDisposable
    {
        internal PipelineRun Run => run;
        public ValueTask DisposeAsync() => run.DisposeAsync();

        /// <summary>The server has granted what is subscribed to: publishing waits for that.</summary>
        internal async Task Connected(MqttTransport transport)
        {
            await Long.UntilAsync(() => transport.Status.Subscriptions is [{ IsConnected: true }], () => Long.Text(transport.Status));
            await transport.PublishAsync("ready", default, new(new("test", 0)), Cancellation);
        }
    }
}
