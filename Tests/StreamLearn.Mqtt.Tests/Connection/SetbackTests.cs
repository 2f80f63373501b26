namespace StreamLearn.Mqtt.Tests;

/// <summary>What goes wrong beside a link, and must not stop it.</summary>
public sealed class SetbackTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedServer _server = new();
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_message_that_takes_long_to_send_is_not_given_up_while_it_moves()
    {
        var payload = new byte[60 << 20];
        new Random(1).NextBytes(payload);
        var transport = new MqttTransport(new() { Server = _server.Uri, KeepAlive = TimeSpan.FromSeconds(20) }, _time);
        var publishing = Publish(transport, payload);
        await using var connection = await _server.AcceptAsync();
        for (var i = 0; i < 8; i++)
        {
            var sent = transport.Status.Publishing.BytesSent;
            while (transport.Status.Publishing.BytesSent == sent) { Assert.NotEmpty(await connection.RawAsync()); }
            _time.Advance(TimeSpan.FromSeconds(9));             // an answer has 30 s, that to a ping 10 s
        }
        Assert.False(publishing.IsCompleted);
        Assert.Equal((true, 1), (transport.Status.Publishing.IsConnected, transport.Status.Publishing.Connects));
        await Long.EndAsync(transport, _time);
    }

    [Fact]
    public async Task A_subscription_that_is_given_up_before_it_is_answered_holds_up_no_publication()
    {
        await using var transport = new MqttTransport(new() { Server = _server.Uri });
        using var end = new CancellationTokenSource();
        var reading = ReadAsync();
        await using (var connection = await _server.AcceptAsync())
        {
            await connection.ExpectAsync(PacketType.Subscribe);
            await end.CancelAsync();
            await ScriptedServer.Patiently(reading);
        }
        var publishing = Publish(transport, new byte[1]);
        await using var other = await _server.AcceptAsync();
        await other.ExpectAsync(PacketType.Publish);
        await other.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);

        async Task ReadAsync() { await foreach (var message in transport.SubscribeAsync("a", new(), end.Token)) { message.Dispose(); } }
    }

    [Fact]
    public async Task A_subscription_that_is_refused_after_it_was_granted_is_asked_for_again()
    {
        await using var transport = new MqttTransport(new() { Server = _server.Uri, InitialReconnectDelay = TimeSpan.FromMilliseconds(1) });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using (var granting = await _server.SubscribedAsync()) { }

        await using (var refusing = await _server.AcceptAsync(sessionPresent: false))
        {
            var asked = await refusing.ExpectAsync(PacketType.Subscribe);
            await refusing.SendAsync(new byte[] { 0x90, 4, asked.Body[0], asked.Body[1], 0, (byte)MqttReason.NotAuthorized });
            await refusing.ExpectAsync(PacketType.Disconnect);
            Assert.Contains(
                "refused the subscription 'a': NotAuthorized",
                transport.Status.Subscriptions[0].LastFault, StringComparison.Ordinal);
        }
        await using var again = await _server.AcceptAsync(sessionPresent: true);
        await again.GrantAsync();
        await again.PublishAsync("a", new byte[1]);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
    }

    [Fact]
    public async Task A_login_that_fails_at_its_deadline_in_its_own_way_is_asked_for_again()
    {
        var asked = 0;
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new MqttTransport(
            new() { Server = _server.Uri, InitialReconnectDelay = TimeSpan.FromMilliseconds(1), Credentials = AskAsync },
            _time);
        _ = Publish(transport, new byte[1]);
        await ScriptedServer.Patiently(isAsked.Task);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Long.PassAsync(_time, TimeSpan.FromMilliseconds(1), () => _server.HasPending, () => Long.Text(transport.Status));
        await using var connection = await _server.TakeConnectAsync();
        Assert.Equal("u", connection.Connect.UserName);
        Assert.StartsWith("no login: ", transport.Status.Publishing.LastFault, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", transport.Status.Publishing.LastFault, StringComparison.Ordinal);
        await Long.EndAsync(transport, _time);

        async ValueTask<MqttCredentials> AskAsync(CancellationToken stop)
        {
            if (++asked > 1) { return new("u", default); }
            isAsked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new HttpRequestException("s3cr3t");
        }
    }

    [Fact]
    public async Task A_login_that_is_never_given_is_given_up()
    {
        var never = new TaskCompletionSource<MqttCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new MqttTransport(new()
        {
            Server = _server.Uri,
            Credentials = _ =>
            {
                asked.TrySetResult();
                return new(never.Task);
            },
        });
        var publishing = Publish(transport, new byte[1]);
        await ScriptedServer.Patiently(asked.Task);
        await ScriptedServer.Patiently(transport.DisposeAsync().AsTask());
        await Assert.ThrowsAsync<TransportException>(() => publishing);
    }

    [Fact]
    public async Task What_nobody_expected_ends_the_transport_with_its_kind_alone()
    {
        using TestAuthority authority = new(), gone = new();
        using var certificate = authority.ForServer("localhost");
        await using var mosquitto = await Mosquitto.StartAsync(new() { Certificate = certificate });
        var roots = gone.Roots;
        gone.Dispose();                                 // nothing can be checked with them
        await using var transport = new MqttTransport(new() { Server = mosquitto.TlsUri, TrustedRoots = roots });
        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(Publish(transport, new byte[1])));
        Assert.False(failure.IsTransient);
        Assert.EndsWith("got CryptographicException", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CustomTrustStore", $"{failure}", StringComparison.Ordinal);       // the exception's own words
        Assert.False(transport.Status.Publishing.IsConnected);
    }

    [Fact]
    public async Task An_address_without_a_name_is_no_fault()
    {
        await using var transport = new MqttTransport(new() { Server = new($"mqtt://0.0.0.0:{_server.Uri.Port}") });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        Assert.Equal("", transport.Status.Subscriptions[0].LastFault);
    }

    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task Messages_for_the_session_that_publishes_are_left_to_the_server(MqttVersion version)
    {
        await using var transport = new MqttTransport(new() { Server = _server.Uri, Version = version, ClientId = "p" });
        var publishing = Publish(transport, new byte[1]);
        await using var connection = await _server.AcceptAsync(sessionPresent: true);
        await connection.PublishAsync("left by another program", new byte[1], qos: 1, packetId: 1);
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
    }

    private static Task Publish(MqttTransport transport, byte[] payload) =>
        transport.PublishAsync("a", new ReadOnlySequence<byte>(payload), default, Cancellation).AsTask();
}
