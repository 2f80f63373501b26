using System.Threading.Channels;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What goes out to an application, and what comes back from it. The clock moves only when a test moves it.</summary>
public sealed class DeliveryTests : IAsyncDisposable
{
    private const int Capacity = 4;
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedServer _server = new();
    private readonly List<MqttTransport> _transports = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var transport in _transports) { await Long.EndAsync(transport, _time); }
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_burst_of_QoS_0_waits_unread_for_an_application_that_takes_it_in_time()
    {
        var transport = Transport();
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = Capacity }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        for (byte i = 0; i < 3 * Capacity; i++) { await connection.PublishAsync("a", new[] { i }); }
        for (byte i = 0; i < 3 * Capacity; i++)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Equal(i, messages.Current.Payload.FirstSpan[0]);
            End(messages.Current);
        }
        Assert.Equal(0, transport.Status.Subscriptions[0].Dropped);
    }

    [Theory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task QoS_0_that_nobody_takes_is_dropped_after_a_moment_and_counted_until_there_is_room(MqttVersion version)
    {
        var transport = Transport(version);
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = Capacity }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        for (byte i = 0; i < 2 * Capacity; i++) { await connection.PublishAsync("a", new[] { i }); }
        await Long.UntilAsync(() => Status(transport).Waiting == Capacity, () => Long.Text(transport.Status));
        Assert.Equal(0, Status(transport).Dropped);

        await Long.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return Status(transport).Dropped == Capacity;
            },
            () => Long.Text(transport.Status));
        for (byte i = 0; i < Capacity; i++)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Equal(i, messages.Current.Payload.FirstSpan[0]);
            End(messages.Current);
        }
        await connection.PublishAsync("a", new byte[] { 99 });
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        Assert.Equal(99, messages.Current.Payload.FirstSpan[0]);
        End(messages.Current);
        for (byte i = 0; i < Capacity + 1; i++) { await connection.PublishAsync("a", new[] { i }); }        // a new burst, a new moment
        await Long.UntilAsync(() => Status(transport).Waiting == Capacity, () => Long.Text(transport.Status));
        Assert.Equal((Capacity, (2 * Capacity) + 1), (Status(transport).Dropped, Status(transport).Received));
    }

    [Fact]
    public async Task A_busy_application_is_acknowledged_a_moment_later()
    {
        var transport = Transport();
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = 100 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.PublishAsync("a", new byte[] { 1 }, qos: 1, packetId: 1);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));

        End(messages.Current);          // it does not come back for more
        var answering = connection.ExpectAsync(PacketType.PubAck);
        await Long.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                return answering.IsCompleted;
            },
            () => Long.Text(transport.Status));
        Assert.Equal(1, (await answering).PacketId);
    }

    [Fact]
    public async Task Acknowledgements_from_many_threads_go_out_once_and_in_order()
    {
        const int Messages = 3000, Threads = 4, Credit = 50;
        var transport = Transport(time: TimeProvider.System);
        var work = Channel.CreateUnbounded<Message>();
        await using var connection = await SubscribeAsync();
        var workers = Enumerable.Range(0, Threads).Select(_ => Task.Run(WorkAsync)).ToArray();
        var sent = 0;
        for (; sent < Credit; sent++) { await SendAsync(sent); }
        for (var acknowledged = 0; acknowledged < Messages; acknowledged++)
        {
            Assert.Equal(acknowledged + 1, (await connection.ExpectAsync(PacketType.PubAck)).PacketId);
            if (sent < Messages) { await SendAsync(sent++); }
        }
        work.Writer.Complete();
        await Task.WhenAll(workers);
        Assert.Equal((Messages, 0, Credit), (Status(transport).Received, Status(transport).InFlight, Status(transport).Credit));

        Task SendAsync(int number) => connection.PublishAsync("a", BitConverter.GetBytes(number), qos: 1, (ushort)(number + 1));

        async Task<ScriptedConnection> SubscribeAsync()
        {
            var messages = transport.SubscribeAsync("a", new() { Capacity = Credit }, Cancellation);
            _ = Task.Run(
                async () => { await foreach (var message in messages) { await work.Writer.WriteAsync(message, Cancellation); } },
                Cancellation);
            return await _server.SubscribedAsync();
        }

        async Task WorkAsync() { await foreach (var message in work.Reader.ReadAllAsync(Cancellation)) { End(message); } }
    }

    [Fact]
    public async Task A_second_burst_gets_its_own_moment_and_no_longer()
    {
        var transport = Transport();
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = Capacity }, Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        for (byte i = 0; i < 2 * Capacity; i++) { await connection.PublishAsync("a", new[] { i }); }
        await connection.PublishAsync("a", new byte[1], qos: 1, packetId: 1);
        for (var i = 0; i <= 2 * Capacity; i++)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            End(messages.Current);
        }
        var tooMany = Status(transport).BytesReceived + ((Capacity + 1) * 7);       // a message has seven bytes
        for (byte i = 0; i < 2 * Capacity; i++) { await connection.PublishAsync("a", new[] { i }); }
        await Long.UntilAsync(() => Status(transport).BytesReceived >= tooMany, () => Long.Text(transport.Status));
        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Equal(0, Status(transport).Dropped);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Long.UntilAsync(() => Status(transport).Dropped == Capacity, () => Long.Text(transport.Status));
    }

    [Fact]
    public async Task A_3_1_1_reader_that_has_stopped_connects_again_though_the_application_holds_all()
    {
        var transport = Transport(MqttVersion.V311, keepAliveSeconds: 20);
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = 1 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.PublishAsync("a", new byte[] { 1 }, qos: 1, packetId: 1);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        connection.Cut();           // nobody reads that; the next pings fail

        await Long.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return _server.HasPending;
            },
            () => Long.Text(transport.Status));
        await using var again = await _server.AcceptAsync(sessionPresent: true);
        await again.PublishAsync("a", new byte[] { 1 }, qos: 1, packetId: 1, duplicate: true);
        End(messages.Current);
        Assert.Equal(1, (await again.ExpectAsync(PacketType.PubAck)).PacketId);
    }

    [Fact]
    public async Task An_unnamed_3_1_1_subscription_takes_its_filter_from_the_session_before_it_leaves()
    {
        var transport = Transport(MqttVersion.V311, clientId: "");
        using var end = new CancellationTokenSource();
        var reading = ReadAsync();
        await using var connection = await _server.SubscribedAsync();
        await end.CancelAsync();
        var leaving = await connection.ExpectAsync(PacketType.Unsubscribe);
        Assert.Equal("a", Encoding.UTF8.GetString(leaving.Body.AsSpan(4)));
        await connection.ExpectAsync(PacketType.Disconnect);
        await ScriptedServer.Patiently(reading);

        async Task ReadAsync() { await foreach (var message in transport.SubscribeAsync("a", new(), end.Token)) { End(message); } }
    }

    [Fact]
    public async Task A_named_subscription_leaves_its_filter_with_the_server()
    {
        var transport = Transport(MqttVersion.V311);
        using var end = new CancellationTokenSource();
        var reading = ReadAsync();
        await using var connection = await _server.SubscribedAsync();
        await end.CancelAsync();
        Assert.Equal(PacketType.Disconnect, (await connection.ReadAsync())!.Type);
        await ScriptedServer.Patiently(reading);

        async Task ReadAsync() { await foreach (var message in transport.SubscribeAsync("a", new(), end.Token)) { End(message); } }
    }

    [Fact]
    public async Task A_login_that_was_accepted_before_is_tried_again_when_it_is_refused()
    {
        var transport = Transport(time: TimeProvider.System);
        var publishing = transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[1]), default, Cancellation).AsTask();
        await using var first = await _server.AcceptAsync();
        await first.ExpectAsync(PacketType.Publish);
        first.Cut();
        await using var second = await _server.TakeConnectAsync();
        await second.AcceptAsync(reason: MqttReason.BadUserNameOrPassword);
        await using var third = await _server.AcceptAsync(sessionPresent: true);
        Assert.Contains("BadUserNameOrPassword", transport.Status.Publishing.LastFault, StringComparison.Ordinal);
        await third.ExpectAsync(PacketType.Publish);
        await third.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
    }

    [Fact]
    public async Task A_login_that_cannot_be_read_ends_the_transport_and_one_that_is_not_there_yet_is_asked_for_again()
    {
        await using var wrong = new MqttTransport(new()
        {
            Server = _server.Uri,
            Credentials = static stop => MqttCredentials.FromFileAsync("no such file", stop),
        });
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(Publish(wrong)));
        Assert.Equal("no login: FileNotFoundException", refusal.Message);

        var asked = 0;
        await using var late = new MqttTransport(new()
        {
            Server = _server.Uri,
            Credentials = _ => ++asked < 3
                ? throw new InvalidOperationException("the secret is s3cr3t")
                : new(new MqttCredentials("u", default)),
        });
        var publishing = Publish(late);
        await using var connection = await _server.AcceptAsync();
        Assert.Equal("u", connection.Connect.UserName);
        Assert.Equal("no login: InvalidOperationException", late.Status.Publishing.LastFault);
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);

        static Task Publish(MqttTransport transport) =>
            transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[1]), default, Cancellation).AsTask();
    }

    private static MqttSessionStatus Status(MqttTransport transport) => transport.Status.Subscriptions[0];

    private static void End(in Message message)
    {
        message.Acknowledge();
        message.Dispose();
    }

    private MqttTransport Transport(MqttVersion version = MqttVersion.V5, string clientId = "c", TimeProvider? time = null,
        int keepAliveSeconds = 3600)
    {
        _transports.Add(new(
            new() { Server = _server.Uri, ClientId = clientId, Version = version, KeepAlive = TimeSpan.FromSeconds(keepAliveSeconds) },
            time ?? _time));
        return _transports[^1];
    }
}
