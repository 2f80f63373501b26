namespace StreamLearn.Mqtt.Tests;

/// <summary>What a transport does with what servers say.</summary>
public sealed class TransportTests : IAsyncDisposable
{
    private readonly ScriptedServer _server = new();
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_subscription_asks_for_its_capacity_as_receive_maximum_in_a_session_of_its_own()
    {
        await using var transport = Transport();
        _ = transport.SubscribeAsync("a/#", new() { Capacity = 17 }, Cancellation);
        await using var first = await _server.AcceptAsync();
        Assert.Equal("c.1", first.Connect.ClientId);
        Assert.Equal(17, first.Connect.ReceiveMaximum);
        Assert.False(first.Connect.CleanStart);
        var asked = Assert.Single(await first.GrantAsync());
        Assert.Equal(("a/#", 1, false), (asked.Filter, asked.Qos, asked.RetainAsPublished));
        _ = transport.SubscribeAsync("$share/g/b", new(), Cancellation);
        await using var second = await _server.AcceptAsync();
        Assert.Equal("c.2", second.Connect.ClientId);
        Assert.Equal("$share/g/b", Assert.Single(await second.GrantAsync()).Filter);
        var publishing = PublishAsync(transport, "x");
        await using var third = await _server.AcceptAsync();
        Assert.Equal("c", third.Connect.ClientId);
        await third.ExpectAsync(PacketType.Publish);
        await third.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
    }

    [Fact]
    public async Task A_subscription_that_is_canceled_beforehand_never_connects_and_keeps_its_number()
    {
        await using var transport = Transport();
        for (var time = 0; time < 2; time++) { _ = transport.SubscribeAsync("a", new(), new CancellationToken(canceled: true)); }
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        await using var second = await _server.SubscribedAsync();
        Assert.Equal("c.2", second.Connect.ClientId);
        var publishing = PublishAsync(transport, "x");
        await using var third = await _server.AcceptAsync();
        await third.ExpectAsync(PacketType.Publish);
        await third.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
        Assert.Equal(2, _server.Connections);
    }

    [Fact]
    public async Task A_refused_subscription_ends_the_sequence_with_the_reason()
    {
        await using var transport = Transport();
        var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.AcceptAsync();
        var asked = await connection.ExpectAsync(PacketType.Subscribe);
        await connection.SendAsync(Bytes.Of(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, asked.PacketId, [0x87])));
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        Assert.Contains("NotAuthorized", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((int)MqttReason.BadUserNameOrPassword)]
    [InlineData((int)MqttReason.NotAuthorized)]
    public async Task What_the_server_will_refuse_again_is_told_to_the_publisher(int code)
    {
        await using var transport = Transport();
        var publishing = PublishAsync(transport, "x");
        await using var connection = await _server.TakeConnectAsync();
        await connection.AcceptAsync(reason: (MqttReason)code);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(publishing));
        Assert.False(refusal.IsTransient);
        await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(PublishAsync(transport, "y")));
    }

    [Fact]
    public async Task A_session_that_was_taken_over_is_not_fought_for()
    {
        await using var transport = Transport();
        var publishing = PublishAsync(transport, "x");
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await connection.DisconnectAsync(MqttReason.SessionTakenOver);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(publishing));
        Assert.Contains("SessionTakenOver", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, _server.Connections);
        Assert.False(_server.HasPending);
    }

    [Fact]
    public async Task A_busy_server_is_tried_again()
    {
        await using var transport = Transport();
        var publishing = PublishAsync(transport, "x");
        await using var first = await _server.TakeConnectAsync();
        await first.AcceptAsync(reason: MqttReason.ServerBusy);
        await using var second = await _server.AcceptAsync();
        await second.ExpectAsync(PacketType.Publish);
        await second.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
    }

    [Fact]
    public async Task A_malformed_packet_ends_the_connection_with_its_reason_and_delivers_nothing()
    {
        await using var transport = Transport();
        var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.SendAsync(new byte[] { 0x36, 0x00 });                // QoS 3
        Assert.Equal(MqttReason.MalformedPacket, (await connection.ExpectAsync(PacketType.Disconnect)).EndReason);
        connection.Cut();
        await using var next = await _server.AcceptAsync(sessionPresent: true);
        await next.PublishAsync("a", "good"u8.ToArray(), qos: 1, packetId: 1);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        Assert.Equal("good", Encoding.UTF8.GetString(messages.Current.Payload));
        End(messages.Current);
        await messages.DisposeAsync();
    }

    [Fact]
    public async Task Only_the_credit_is_taken_and_the_next_message_needs_an_acknowledgement()
    {
        await using var transport = Transport();
        var messages = transport.SubscribeAsync("a", new() { Capacity = 2 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.PublishAsync("a", "1"u8.ToArray(), qos: 1, packetId: 1);
        await connection.PublishAsync("a", "2"u8.ToArray(), qos: 1, packetId: 2);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        var first = messages.Current;
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        End(messages.Current);
        End(first);
        Assert.Equal(1, (await connection.ExpectAsync(PacketType.PubAck)).PacketId);
        Assert.Equal(2, (await connection.ExpectAsync(PacketType.PubAck)).PacketId);
        Assert.Equal(2, transport.Status.Subscriptions[0].Credit);
        await messages.DisposeAsync();
    }

    [Fact]
    public async Task After_an_acknowledgement_messages_beyond_the_receive_maximum_are_left_unread_until_there_is_credit()
    {
        await using var transport = Transport();
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = 1 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.PublishAsync("a", "1"u8.ToArray(), qos: 1, packetId: 1);
        for (ushort id = 1; id <= 4; id++)
        {
            for (ushort more = 2; id == 2 && more <= 4; more++) { await connection.PublishAsync("a", "1"u8.ToArray(), qos: 1, more); }
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Equal(1, transport.Status.Subscriptions[0].InFlight);
            End(messages.Current);
            Assert.Equal(id, (await connection.ExpectAsync(PacketType.PubAck)).PacketId);
        }
    }

    [Fact]
    public async Task When_refused_messages_hold_all_credit_the_connection_is_made_anew()
    {
        var time = new ManualTimeProvider();
        var transport = Transport(time);
        var messages = transport.SubscribeAsync("a", new() { Capacity = 1 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.SubscribedAsync();
        await connection.PublishAsync("a", "1"u8.ToArray(), qos: 1, packetId: 1);
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        messages.Current.Refuse("test");
        messages.Current.Dispose();
        time.Advance(TimeSpan.FromSeconds(5));
        await connection.ExpectAsync(PacketType.Disconnect);
        connection.Cut();
        await Long.EndAsync(transport, time);
    }

    [Theory]
    [InlineData((int)MqttReason.TopicFilterInvalid)]
    [InlineData((int)MqttReason.SharedSubscriptionsNotSupported)]
    [InlineData((int)MqttReason.WildcardSubscriptionsNotSupported)]
    public async Task A_server_that_leaves_because_of_a_subscription_has_refused_it(int code)
    {
        await using var transport = Transport();
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Subscribe);
        await connection.DisconnectAsync((MqttReason)code);
        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        Assert.Contains($"refused the subscription 'a': {(MqttReason)code}", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_subscription_that_has_ended_leaves_its_session_to_the_next_one_with_its_filter()
    {
        await using var transport = new MqttTransport(
            new() { Server = _server.Uri, ClientId = "c", ReplyDeadline = TimeSpan.FromSeconds(1) });
        using var end = new CancellationTokenSource();
        await using var first = transport.SubscribeAsync("a", new(), end.Token).GetAsyncEnumerator(Cancellation);
        await using var other = transport.SubscribeAsync("b", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        ScriptedConnection[] both = [await _server.SubscribedAsync(), await _server.SubscribedAsync()];
        var connection = Assert.Single(both, static c => c.Connect.ClientId == "c.1");
        await connection.PublishAsync("a", "1"u8.ToArray(), qos: 1, packetId: 1);
        Assert.True(await ScriptedServer.Patiently(first.MoveNextAsync().AsTask()));
        var held = first.Current;
        await end.CancelAsync();
        Assert.False(await ScriptedServer.Patiently(first.MoveNextAsync().AsTask()));

        await using var second = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(2, transport.Status.Subscriptions.Length);
        await connection.ExpectAsync(PacketType.Disconnect);
        await connection.DisposeAsync();
        await using var next = await _server.AcceptAsync(sessionPresent: true);
        Assert.Equal("c.1", next.Connect.ClientId);
        await next.GrantAsync();
        await next.PublishAsync("a", "1"u8.ToArray(), qos: 1, packetId: 1, duplicate: true);
        Assert.True(await ScriptedServer.Patiently(second.MoveNextAsync().AsTask()));
        End(second.Current);
        Assert.Equal(1, (await next.ExpectAsync(PacketType.PubAck)).PacketId);
        End(held);                                                                          // late, and of no effect
        Assert.Equal(0, transport.Status.Subscriptions[0].InFlight);
    }

    [Fact]
    public void A_will_that_no_server_may_take_is_refused()
    {
        Refused<ArgumentException>(new("a/#", default));
        Refused<ArgumentException>(new(default, default));
        Refused<ArgumentOutOfRangeException>(new("a", new byte[65_536]));
        Refused<ArgumentOutOfRangeException>(new("a", default) { Qos = 3 });
        Refused<ArgumentOutOfRangeException>(new("a", default) { Qos = -1 });
        Refused<ArgumentOutOfRangeException>(new("a", default) { Delay = TimeSpan.FromSeconds(-1) });
        Refused<ArgumentOutOfRangeException>(new("a", default) { Delay = TimeSpan.FromSeconds(uint.MaxValue + 1.0) });
        _ = new MqttTransport(new() { Will = new("a", new byte[65_535]) { Qos = 2, Delay = TimeSpan.FromSeconds(uint.MaxValue) } });

        static void Refused<T>(MqttWill will) where T : ArgumentException =>
            Assert.Throws<T>(() => new MqttTransport(new() { Will = will }));
    }

    [Theory, InlineData("$share/g"), InlineData("$share/g/"), InlineData("$share//a"), InlineData("$share/+/a")]
    public async Task A_shared_subscription_without_a_name_or_a_filter_is_refused_at_once(string filter)
    {
        await using var transport = Transport();
        Assert.Throws<ArgumentException>(() => transport.SubscribeAsync(filter, new(), Cancellation));
        Assert.Empty(transport.Status.Subscriptions);
    }

    [Theory, InlineData(0), InlineData(0xDC00)]
    public async Task A_user_name_that_is_no_text_is_not_sent(int character)
    {
        await using var transport = new MqttTransport(new()
        {
            Server = _server.Uri,
            Credentials = _ => new(new MqttCredentials($"a{(char)character}", default)),
        });
        var failure = await Assert.ThrowsAsync<TransportException>(
            () => ScriptedServer.Patiently(transport.PublishAsync("a", default, default, Cancellation).AsTask()));
        Assert.Contains("the user name", failure.Message, StringComparison.Ordinal);
        Assert.False(_server.HasPending);
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new MqttTransport(new() { Server = new("http://localhost") }));
        Assert.Throws<ArgumentException>(static () => new MqttTransport(new() { ClientId = new('x', 61) }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MqttTransport(new() { PublishQos = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MqttTransport(new() { SubscribeQos = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MqttTransport(new() { KeepAlive = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MqttTransport(new() { PublishInFlight = 0 }));
        Assert.Throws<ArgumentException>(static () => new MqttTransport(new() { ClientId = "a\0" }));
        Assert.Throws<ArgumentException>(static () => new MqttTransport(new() { ClientId = "a\uD800" }));
    }

    [Fact]
    public async Task One_cannot_publish_to_a_filter_and_a_disposed_transport_says_so()
    {
        var transport = Transport();
        await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(transport, "x", "a/#"));
        await transport.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => PublishAsync(transport, "x"));
    }

    private static void End(in Message message)
    {
        message.Dispose();
        message.Acknowledge();
    }

    private static async Task PublishAsync(MqttTransport transport, string payload, string topic = "a") =>
        await transport.PublishAsync(topic, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), default, Cancellation);

    private MqttTransport Transport(TimeProvider? time = null) => new(new() { Server = _server.Uri, ClientId = "c" }, time);
}
