namespace StreamLearn.Mqtt.Tests;

/// <summary>A peer that simply stops, at each point where it is waited for. The clock moves only when the test moves it.</summary>
public sealed class DeadlineTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedServer _server = new();
    private readonly List<MqttTransport> _transports = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var transport in _transports) { await Long.EndAsync(transport, _time); }
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Connecting()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var port = LoopbackPort.Take();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(0);                         // one may wait; the next gets no answer
        using var waiting = new TcpClient();
        await waiting.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        var transport = Transport(server: new($"mqtt://127.0.0.1:{port}"));
        var publishing = PublishAsync(transport);
        await PassAsync(() => Status(transport).LastFault.StartsWith("cannot reach", StringComparison.Ordinal));
        Assert.False(publishing.IsCompleted);
    }

    [Theory, InlineData("mqtts"), InlineData("ws"), InlineData("wss")]
    public async Task The_handshake_of_TLS_and_of_WebSocket(string scheme)
    {
        var transport = Transport(server: new($"{scheme}://127.0.0.1:{_server.Port}"));
        var publishing = PublishAsync(transport);
        await using (await _server.TakeAsync())
        {
            await PassAsync(() => Status(transport).LastFault.StartsWith("cannot reach", StringComparison.Ordinal));
        }
        await PassAsync(() => _server.HasPending, TimeSpan.FromMilliseconds(1));
        Assert.False(publishing.IsCompleted);
    }

    [Fact]
    public async Task Credentials_that_are_not_given()
    {
        var isAsked = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = Transport(credentials: async token =>
        {
            isAsked.TrySetResult(token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return new("", default);
        });
        _ = PublishAsync(transport);
        var end = await ScriptedServer.Patiently(isAsked.Task);
        await PassAsync(() => end.IsCancellationRequested);
    }

    [Fact]
    public async Task CONNACK()
    {
        var transport = Transport();
        var publishing = PublishAsync(transport);
        await using var connection = await _server.TakeConnectAsync();
        await PassAsync(() => Status(transport).LastFault.Contains("CONNACK", StringComparison.Ordinal));
        connection.Cut();
        await ConnectedAgainAsync(publishing);
    }

    [Fact]
    public async Task What_comes_before_CONNACK_takes_of_its_time()
    {
        var login = new TaskCompletionSource<MqttCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begin = _time.GetUtcNow();
        var transport = Transport(credentials: _ =>
        {
            asked.TrySetResult();
            return new(login.Task);
        });
        _ = PublishAsync(transport);
        await ScriptedServer.Patiently(asked.Task);
        _time.Advance(TimeSpan.FromSeconds(8));
        login.SetResult(new("u", default));
        await using var connection = await _server.TakeConnectAsync();
        await PassAsync(() => Status(transport).LastFault.Contains("CONNACK", StringComparison.Ordinal));
        Assert.InRange(_time.GetUtcNow() - begin, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task SUBACK()
    {
        var transport = Transport();
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Subscribe);
        await PassAsync(() => transport.Status.Subscriptions[0].LastFault.Contains("SUBACK", StringComparison.Ordinal), connection);
        connection.Cut();
        await using var next = await TakeAsync();
        await next.AcceptAsync(sessionPresent: true);
        await next.GrantAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_subscription_that_is_never_answered_holds_publications_up_no_longer(bool accepts)
    {
        var transport = Transport();
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        var begin = _time.GetUtcNow();
        var publishing = Enumerable.Range(0, 2).Select(i => PublishAsync(transport, i)).ToList();
        ScriptedConnection? up = null;
        while (up is null)
        {
            await PassAsync(() => _server.HasPending);
            var one = await _server.TakeConnectAsync();
            if (one.Connect.ClientId == "c") { up = one; }
            else if (accepts) { await one.AcceptAsync(sessionPresent: true); }
            else { one.Cut(); }
        }
        await up.AcceptAsync();
        for (ushort i = 0; i < publishing.Count; i++)
        {
            var message = await up.ExpectAsync(PacketType.Publish);
            Assert.Equal(i + 1, message.Body.Length - 6);           // in the order of the calls
            await up.AckAsync(PacketType.PubAck, (ushort)(i + 1));
            await ScriptedServer.Patiently(publishing[i]);
        }
        Assert.InRange(_time.GetUtcNow() - begin, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45));
        await up.DisposeAsync();
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task PUBACK_and_PUBREC(int qos)
    {
        var transport = Transport(qos);
        var publishing = PublishAsync(transport);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await PassAsync(() => Status(transport).LastFault.Contains("PUBACK", StringComparison.Ordinal), connection);
        connection.Cut();
        await using var next = await TakeAsync();
        await next.AcceptAsync(sessionPresent: true);
        var again = await next.ExpectAsync(PacketType.Publish);
        Assert.Equal(8, again.Flags & 8);
        await next.AckAsync(qos == 1 ? PacketType.PubAck : PacketType.PubRec, 1);
        if (qos == 2)
        {
            await next.ExpectAsync(PacketType.PubRel);
            await next.AckAsync(PacketType.PubComp, 1);
        }
        await ScriptedServer.Patiently(publishing);
        Assert.Equal(1, Status(transport).Redeliveries);
    }

    [Fact]
    public async Task PUBCOMP()
    {
        var transport = Transport(qos: 2);
        var publishing = PublishAsync(transport);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(PacketType.PubRec, 1);
        await connection.ExpectAsync(PacketType.PubRel);
        await PassAsync(() => Status(transport).LastFault.Contains("PUBCOMP", StringComparison.Ordinal), connection);
        connection.Cut();
        await using var next = await TakeAsync();
        await next.AcceptAsync(sessionPresent: true);
        Assert.Equal(1, (await next.ExpectAsync(PacketType.PubRel)).PacketId);
        await next.AckAsync(PacketType.PubComp, 1);
        await ScriptedServer.Patiently(publishing);
    }

    [Fact]
    public async Task PINGRESP_within_one_and_a_half_times_the_keep_alive()
    {
        var transport = Transport(qos: 0, keepAlive: 4);
        var publishing = PublishAsync(transport, qos: 0);
        await using var connection = await _server.AcceptAsync();
        connection.AnswersPings = false;
        await connection.ExpectAsync(PacketType.Publish);
        await publishing;
        var begin = _time.GetUtcNow();
        await PassAsync(() => Status(transport).LastFault.Contains("PINGRESP", StringComparison.Ordinal), connection);
        Assert.True(_time.GetUtcNow() - begin <= TimeSpan.FromSeconds(6.5), $"found after {_time.GetUtcNow() - begin}");
    }

    [Theory, InlineData(1, true), InlineData(1024, false)]
    public async Task A_packet_that_comes_in_single_bytes_and_never_ends(int bytes, bool isLeft)
    {
        var transport = Transport(keepAlive: 4);
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.SendAsync(new byte[] { 0x30, 0xFF, 0xFF, 0x7F, 0, 1, (byte)'a', 0 });
        await Long.UntilAsync(() => transport.Status.Subscriptions[0].BytesReceived >= 18, () => Long.Text(transport.Status));
        var begin = _time.GetUtcNow();
        while (IsConnected() && _time.GetUtcNow() - begin < TimeSpan.FromSeconds(20))
        {
            var before = transport.Status.Subscriptions[0].BytesReceived;
            await connection.SendAsync(new byte[bytes]);
            await Long.UntilAsync(
                () => !IsConnected() || transport.Status.Subscriptions[0].BytesReceived >= before + bytes,
                () => Long.Text(transport.Status));
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }
        Assert.Equal(isLeft, transport.Status.Subscriptions[0].LastFault.Contains("PINGRESP", StringComparison.Ordinal));
        Assert.True(!isLeft || _time.GetUtcNow() - begin <= TimeSpan.FromSeconds(7), $"found after {_time.GetUtcNow() - begin}");
        connection.Cut();

        bool IsConnected() => transport.Status.Subscriptions[0] is { IsConnected: true, LastFault: "" };
    }

    [Fact]
    public async Task A_peer_that_takes_no_bytes()
    {
        var transport = Transport(qos: 0, reply: 20);           // QoS 0: no other answer is waited for
        _ = transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[48 << 20]), default, Cancellation).AsTask();
        await using var connection = await _server.AcceptAsync();
        await Long.UntilAsync(() => Status(transport) is { IsConnected: true, BytesSent: > 1024 }, () => $"{Status(transport)}");
        var begin = _time.GetUtcNow();
        await PassAsync(() => !Status(transport).IsConnected);
        Assert.InRange(_time.GetUtcNow() - begin, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(25));
        await using var next = await TakeAsync();
    }

    [Fact]
    public async Task A_goodbye_to_a_peer_that_takes_no_bytes()
    {
        var transport = Transport();
        var publishing = transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[48 << 20]), default, Cancellation).AsTask();
        await using var connection = await _server.AcceptAsync();
        await Long.UntilAsync(() => Status(transport).BytesSent > 0, () => $"{Status(transport)}");
        var leaving = transport.DisposeAsync().AsTask();
        await PassAsync(() => leaving.IsCompleted);
        await leaving;
        await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(publishing));
    }

    [Fact]
    public async Task A_goodbye_that_nobody_answers()
    {
        var transport = Transport();
        var publishing = PublishAsync(transport);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
        var leaving = transport.DisposeAsync().AsTask();
        await connection.ExpectAsync(PacketType.Disconnect);
        Assert.Null(await connection.ReadAsync());
        await PassAsync(() => leaving.IsCompleted);
        await leaving;
    }

    private static MqttSessionStatus Status(MqttTransport transport) => transport.Status.Publishing;

    private static Task PublishAsync(MqttTransport transport, int qos = 1) =>
        transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[qos + 1]), default, Cancellation).AsTask();

    private MqttTransport Transport(int qos = 1, double keepAlive = 600, double reply = 30, Uri? server = null,
        Func<CancellationToken, ValueTask<MqttCredentials>>? credentials = null)
    {
        var transport = new MqttTransport(
            new()
            {
                Server = server ?? _server.Uri,
                ClientId = "c",
                PublishQos = qos,
                KeepAlive = TimeSpan.FromSeconds(keepAlive),
                ConnectDeadline = TimeSpan.FromSeconds(10),
                ReplyDeadline = TimeSpan.FromSeconds(reply),
                InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
                MaxReconnectDelay = TimeSpan.FromMilliseconds(1),
                Credentials = credentials,
            },
            _time);
        _transports.Add(transport);
        return transport;
    }

    /// <summary>Lets time pass until a condition holds.</summary>
    private Task PassAsync(Func<bool> condition, ScriptedConnection reading)
    {
        // what the peer reads meanwhile is of no interest
        _ = reading.ReadAsync().ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
        return PassAsync(condition);
    }

    private Task PassAsync(Func<bool> condition, TimeSpan? step = null) => Long.PassAsync(
        _time, step ?? TimeSpan.FromMilliseconds(250), condition, () => $"{_time.GetUtcNow() - OperatorProbe.Start} have passed");

    /// <summary>Takes the next connection. Its wait is a millisecond: that little time passes, and none of the deadlines.</summary>
    private async Task<ScriptedConnection> TakeAsync()
    {
        await PassAsync(() => _server.HasPending, TimeSpan.FromMilliseconds(1));
        return await _server.TakeConnectAsync();
    }

    private async Task ConnectedAgainAsync(Task publishing)
    {
        await using var next = await TakeAsync();
        await next.AcceptAsync();
        var message = await next.ExpectAsync(PacketType.Publish);
        Assert.Equal(0, message.Flags & 8);
        await next.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
    }
}
