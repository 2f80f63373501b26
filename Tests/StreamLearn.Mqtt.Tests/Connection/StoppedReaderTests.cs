namespace StreamLearn.Mqtt.Tests;

/// <summary>MQTT 3.1.1 has no receive maximum: the reader stops, and what has to be said is said all the same.</summary>
public sealed class StoppedReaderTests
{
    private const int Capacity = 2, Pings = 4, Messages = 8;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_stopped_reader_pings_waits_for_no_answer_and_loses_nothing_when_it_reads_again()
    {
        var time = new ManualTimeProvider();
        await using var server = new ScriptedServer();
        var transport = new MqttTransport(
            new() { Server = server.Uri, Version = MqttVersion.V311, ClientId = "c", KeepAlive = KeepAlive }, time);
        var messages = transport.SubscribeAsync("a", new() { Capacity = Capacity }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await server.SubscribedAsync();
        for (ushort id = 1; id <= Messages; id++) { await connection.PublishAsync("a", Encoding.ASCII.GetBytes($"{id}"), qos: 1, id); }
        await Long.UntilAsync(() => Status().InFlight == Capacity, () => $"{Status()}");        // and now it has stopped

        var answers = connection.ReadAsync();
        for (var ping = 1; ping <= Pings; ping++)
        {
            time.Advance(KeepAlive * 0.75);
            await Long.UntilAsync(() => connection.Pings == ping, () => $"ping {ping} of {connection.Pings}, {Status()}");
        }
        time.Advance(KeepAlive / 2);
        Assert.Equal(
            (Pings, 1L, true, (long)Capacity),
            (Status().SuspendedPings, Status().Connects, Status().IsConnected, Status().Received));
        for (var id = 1; id <= Messages; id++)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Equal($"{id}", Encoding.ASCII.GetString(messages.Current.Payload));
            messages.Current.Dispose();
            messages.Current.Acknowledge();
            var answer = await ScriptedServer.Patiently(answers);
            Assert.Equal((PacketType.PubAck, id), (answer!.Type, answer.PacketId));
            answers = connection.ReadAsync();
        }
        await connection.PublishAsync("a", "read again"u8.ToArray());
        await Long.UntilAsync(() => Status().Received == Messages + 1, () => $"{Status()}");     // and now it reads
        time.Advance(KeepAlive * 0.75);
        await Long.UntilAsync(() => connection.Pings == Pings + 1, () => $"{Status()}");
        Assert.Equal((Pings, 1L, ""), (Status().SuspendedPings, Status().Connects, Status().LastFault));
        connection.Cut();
        _ = answers.ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
        await messages.DisposeAsync();
        await Long.EndAsync(transport, time);

        MqttSessionStatus Status() => transport.Status.Subscriptions[0];
    }
}
