using MQTTnet;
using MQTTnet.Protocol;
using FleetProcess;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What the transport makes of a client that it does not own, against a server of which each byte is given.</summary>
public sealed class ConnectionTests : IAsyncDisposable
{
    private readonly MqttBytes _server = new();
    private readonly IMqttClient _client = Client();
    private readonly MqttNetTransport _transport;
    public ConnectionTests() => _transport = new(_client);

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _client.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Acknowledgements_go_out_in_the_order_of_the_messages_and_none_before_its_message_is_done()
    {
        await using var messages = Subscribe("a");
        using var connection = await ConnectedAsync();
        for (ushort id = 1; id <= 3; id++) { await connection.PublishAsync("a", $"{id}", 1, id); }
        Message[] taken = [await messages.NextAsync(), await messages.NextAsync(), await messages.NextAsync()];
        for (var i = 2; i > 0; i--) { taken[i].End(); }
        for (var i = 0; i < 20; i++)                                                // time for an acknowledgement that may not come
        {
            var other = PublishAsync("other");
            await connection.ConfirmAsync((await connection.MessageAsync("a")).PacketId);
            await other.Patiently();
        }
        taken[0].End();
        for (byte id = 1; id <= 3; id++) { Assert.Equal([0, id], (await connection.ReadAsync(4))[..2]); }
    }

    [Fact]
    public async Task An_acknowledgement_never_goes_over_another_connection()
    {
        await using var messages = Subscribe("a");
        using var first = await ConnectedAsync();
        await first.PublishAsync("a", "old", 1, 1);
        var old = await messages.NextAsync();
        await LoseAsync(first);
        using var second = await ConnectedAsync(sessionPresent: true, isSubscribed: false);
        await second.PublishAsync("a", "new", 1, 1);                                // the same number, and another message
        await second.PublishAsync("a", "next", 1, 2);
        var (other, next) = (await messages.NextAsync(), await messages.NextAsync());

        old.End();
        next.End();
        await UntilAsync(() => _transport.Status.Held == 1, () => _transport.Status);
        Assert.Equal((1, "new"), (_transport.Status.Left, Encoding.UTF8.GetString(other.Payload)));
        other.End();

        Assert.Equal([0, 1], (await second.ReadAsync(4))[..2]);                     // after "new", and not before
        Assert.Equal([0, 2], (await second.ReadAsync(4))[..2]);
    }

    [Fact]
    public async Task What_was_not_confirmed_is_sent_again_in_order_before_what_waits()
    {
        using var first = await ConnectedAsync(isSubscribed: false);
        Task[] publishing = [.. Enumerable.Range(0, 3).Select(i => PublishAsync($"{i}"))];
        for (var i = 0; i < 3; i++) { Assert.Equal($"{i}", (await first.MessageAsync("a")).Text); }
        await first.ConfirmAsync(2);                                                // the second alone
        await publishing[1].Patiently();
        await LoseAsync(first);
        var late = PublishAsync("3");
        using var second = await ConnectedAsync(isSubscribed: false);
        foreach (var text in new[] { "0", "2", "3" })
        {
            var (id, came) = await second.MessageAsync("a");
            Assert.Equal(text, came);
            Assert.False(late.IsCompleted);
            await second.ConfirmAsync(id);
        }
        await Task.WhenAll([.. publishing, late]).Patiently();
        Assert.Equal((4, 2, 0), (_transport.Status.Published, _transport.Status.SentAgain, _transport.Status.InFlight));
    }

    [Fact]
    public async Task No_more_is_sent_at_once_than_the_server_takes_and_its_refusal_is_reported()
    {
        var connecting = _client.ConnectAsync(Options(), Cancellation);
        using var connection = await _server.AcceptAsync(receiveMaximum: 1);
        await connecting.Patiently();
        var (first, second) = (PublishAsync("0"), PublishAsync("1"));
        var (id, _) = await connection.MessageAsync("a");
        Assert.Equal((1, 1), (_transport.Status.InFlight, _transport.Status.Waiting));
        await connection.SendAsync([0x40, 3, (byte)(id >> 8), (byte)id, 0x87]);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => first.Patiently());
        Assert.Contains("NotAuthorized", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
        (id, _) = await connection.MessageAsync("a");
        await connection.SendAsync([0x40, 3, (byte)(id >> 8), (byte)id, 0x10]);     // nobody has subscribed
        await second.Patiently();
        Assert.Equal((1, 1), (_transport.Status.Published, _transport.Status.WithoutSubscriber));
    }

    [Fact]
    public async Task A_publication_that_is_given_up_is_written_whole()
    {
        using var connection = await ConnectedAsync(isSubscribed: false);
        using var stop = new CancellationTokenSource();
        var bytes = new byte[8 << 20];                                              // more than a socket takes at once
        var large = _transport.PublishAsync("a", new(bytes), default, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large.Patiently());
        var next = PublishAsync("next");
        Assert.Equal(bytes.Length + 6, (await connection.ReadAsync(3)).Length);
        var (id, text) = await connection.MessageAsync("a");
        Assert.Equal("next", text);
        await connection.ConfirmAsync(id);
        await next.Patiently();
    }

    [Fact]
    public async Task A_publication_that_is_given_up_before_it_was_sent_is_never_sent()
    {
        using var stop = new CancellationTokenSource();
        var first = _transport.PublishAsync("a", new("first"u8.ToArray()), default, stop.Token).AsTask();
        var second = PublishAsync("second");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Patiently());
        Assert.Equal(1, _transport.Status.Waiting);
        using var connection = await ConnectedAsync(isSubscribed: false);
        var (id, text) = await connection.MessageAsync("a");
        Assert.Equal("second", text);
        await connection.ConfirmAsync(id);
        await second.Patiently();
    }

    [Fact]
    public async Task Messages_of_qos_0_beyond_the_capacity_are_dropped_and_counted()
    {
        await using var messages = Subscribe("a", new() { Capacity = 2 });
        using var connection = await ConnectedAsync();
        for (var i = 0; i < 5; i++) { await connection.PublishAsync("a", $"{i}"); }
        await UntilAsync(() => _transport.Status.Received == 5, () => _transport.Status);
        Assert.Equal((3, 2), (_transport.Status.Dropped, _transport.Status.Held));
        for (var i = 0; i < 2; i++)
        {
            var message = await messages.NextAsync();
            Assert.Equal($"{i}", Encoding.UTF8.GetString(message.Payload));
            message.End();
        }
    }

    [Fact]
    public async Task What_a_pipeline_refused_or_nobody_reads_any_more_is_not_acknowledged()
    {
        var messages = Subscribe("a");
        await using var others = Subscribe("b");
        var connecting = _client.ConnectAsync(Options(), Cancellation);
        using var connection = await _server.SubscribedAsync();
        var asked = await connection.ReadAsync(8);
        await connection.SendAsync([0x90, 4, asked[0], asked[1], 0, 1]);
        await connecting.Patiently();
        await connection.PublishAsync("a", "refused", 1, 1);
        await connection.PublishAsync("a", "not read", 1, 2);
        await connection.PublishAsync("b", "taken", 1, 3);
        (await messages.NextAsync()).Refuse("test");
        (await others.NextAsync()).End();
        await messages.DisposeAsync();
        Assert.Equal([0, 3], (await connection.ReadAsync(4))[..2]);
        await connection.PublishAsync("a", "late", 1, 4);
        await UntilAsync(() => _transport.Status.Left == 3, () => _transport.Status);
        Assert.Equal(0, _transport.Status.Held);
    }

    [Fact]
    public async Task A_subscription_comes_before_the_connection_of_a_session_that_is_kept()
    {
        using var connection = await ConnectedAsync(isSubscribed: false);
        Assert.Contains("before the client connects",
            Assert.Throws<InvalidOperationException>(() => Subscribe("a")).Message, StringComparison.Ordinal);
        await using var messages = Subscribe("a", new() { Durable = false });
        var asked = await connection.ReadAsync(8);
        await connection.SendAsync([0x90, 4, asked[0], asked[1], 0, 0x87]);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => messages.MoveNextAsync().AsTask().Patiently());
        Assert.Contains("NotAuthorized", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Malformed_topics_and_texts_are_counted_and_acknowledged()
    {
        await using var messages = Subscribe("#");
        using var connection = await ConnectedAsync();
        await connection.PublishAsync("a/#", "wildcard", 1, 1);
        await connection.PublishAsync("a/+", "wildcard", 1, 2);
        await connection.SendAsync([0x32, 16, 0, 1, (byte)'a', 0, 3, 9, 0x26, 0, 1, (byte)'k', 0, 3, 0xED, 0xA0, 0x80, (byte)'x']);
        await connection.PublishAsync("a", "good", 1, 4);
        var good = await messages.NextAsync();
        while (Encoding.UTF8.GetString(good.Payload) != "good")     // bytes that are no text become signs of that
        {
            good.End();
            good = await messages.NextAsync();
        }
        good.End();
        for (byte id = 1; id <= 4; id++) { Assert.Equal([0, id], (await connection.ReadAsync(4))[..2]); }
        Assert.Equal(2, _transport.Status.Malformed);
    }

    [Fact]
    public async Task Its_status_says_when_the_client_is_away()
    {
        Assert.Equal((false, 0), (_transport.Status.IsConnected, _transport.Status.Connects));
        using var connection = await ConnectedAsync(isSubscribed: false);
        Assert.Equal((true, 1), (_transport.Status.IsConnected, _transport.Status.Connects));
        await LoseAsync(connection);
        await UntilAsync(() => _transport.Status.LastFault.Length > 0, () => _transport.Status);
        Assert.False(_transport.Status.IsConnected);
        await _transport.DisposeAsync();
        using var again = await ConnectedAsync(isSubscribed: false);
        Assert.True(_client.IsConnected);                                           // it stays the application's
    }

    [Fact]
    public async Task A_publication_that_waits_for_a_subscription_ends_with_the_transport()
    {
        await using var messages = Subscribe("a");                                  // not granted: the client has not connected
        var waiting = PublishAsync("x");
        await _transport.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => waiting.Patiently());
        Assert.Equal((0, 0), (_transport.Status.InFlight, _transport.Status.Waiting));
    }

    [Fact]
    public async Task What_is_settled_after_the_transport_has_ended_is_acknowledged_over_no_connection()
    {
        await using var messages = Subscribe("a");
        using var first = await ConnectedAsync();
        await first.PublishAsync("a", "old", 1, 1);
        await first.PublishAsync("a", "same connection", 1, 2);
        var (old, same) = (await messages.NextAsync(), await messages.NextAsync());
        await _transport.DisposeAsync();
        same.End();
        await LoseAsync(first);
        using var second = await ConnectedAsync(sessionPresent: true, isSubscribed: false);
        old.End();
        Assert.Equal((0, 2), (_transport.Status.Held, _transport.Status.Left));
        for (var i = 0; i < 20; i++)                                                // time for an acknowledgement that may not come
        {
            var other = _client.PublishStringAsync("b", "other", MqttQualityOfServiceLevel.AtLeastOnce, false, Cancellation);
            await second.ConfirmAsync((await second.MessageAsync("b")).PacketId);
            await other.Patiently();
        }
    }

    [Fact]
    public async Task What_is_settled_before_the_transport_ends_is_acknowledged()
    {
        await using var messages = Subscribe("a");
        using var connection = await ConnectedAsync();
        for (ushort id = 1; id <= 100; id++) { await connection.PublishAsync("a", $"{id}", 1, id); }
        for (var id = 1; id <= 100; id++) { (await messages.NextAsync()).End(); }
        await _transport.DisposeAsync().AsTask().Patiently();
        for (byte id = 1; id <= 100; id++) { Assert.Equal([0, id], (await connection.ReadAsync(4))[..2]); }
        Assert.Equal((0, 0), (_transport.Status.Held, _transport.Status.Left));
    }

    [Fact]
    public async Task Any_number_of_publications_that_end_at_once_need_no_more_stack()
    {
        var properties = new PublishOptions(new("test", 0)) { Properties = new() { ContentType = "text/plain" } };
        Task[] refused = [.. Enumerable.Range(0, 30_000).Select(_ =>
            _transport.PublishAsync("a", new("x"u8.ToArray()), properties, Cancellation).AsTask())];
        var last = PublishAsync("last");
        var connecting = _client.ConnectAsync(Options(isV5: false), Cancellation);
        using var connection = await _server.AcceptAsync();
        var (id, text) = await connection.MessageAsync("a");
        await connection.ConfirmAsync(id);
        await last.Patiently();
        await connecting.Patiently();
        Assert.Equal("last", text);
        await Assert.ThrowsAsync<TransportException>(() => Task.WhenAll(refused).Patiently());
        Assert.All(refused, static task => Assert.IsType<TransportException>(task.Exception?.InnerException));
    }

    [Fact]
    public async Task A_subscription_that_the_server_does_not_answer_fails()
    {
        var time = new ManualTimeProvider();
        await using var transport = new MqttNetTransport(_client, null, time);
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var publishing = transport.PublishAsync("b", new("x"u8.ToArray()), default, Cancellation).AsTask();
        var connecting = _client.ConnectAsync(Options(), Cancellation);
        using var connection = await _server.AcceptAsync();
        var asked = await connection.ReadAsync(8);
        await connecting.Patiently();
        await UntilAsync(() => time.PendingTimers > 0, () => transport.Status);
        time.Advance(TimeSpan.FromSeconds(30));

        var failure = await Assert.ThrowsAsync<TransportException>(() => messages.MoveNextAsync().AsTask().Patiently());
        Assert.Contains("no answer", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
        await connection.SendAsync([0x90, 4, asked[0], asked[1], 0, 1]);            // too late
        await connection.PublishAsync("a", "for nobody", 1, 1);
        await connection.ConfirmAsync((await connection.MessageAsync("b")).PacketId);
        await publishing.Patiently();
        await UntilAsync(() => transport.Status.Left == 1, () => transport.Status);
    }

    [Fact]
    public async Task A_message_that_the_application_acknowledges_does_not_hold_up_those_after_it()
    {
        _client.ApplicationMessageReceivedAsync += args =>
            args.PacketIdentifier == 2 ? args.AcknowledgeAsync(Cancellation) : Task.CompletedTask;
        await using var messages = Subscribe("a");
        using var connection = await ConnectedAsync();
        for (ushort id = 1; id <= 3; id++) { await connection.PublishAsync("a", $"{id}", 1, id); }
        Message[] taken = [await messages.NextAsync(), await messages.NextAsync(), await messages.NextAsync()];
        Assert.Equal([0, 2], (await connection.ReadAsync(4))[..2]);
        for (var i = 2; i >= 0; i--) { taken[i].End(); }
        Assert.Equal([0, 1], (await connection.ReadAsync(4))[..2]);
        Assert.Equal([0, 3], (await connection.ReadAsync(4))[..2]);
    }

    private MqttClientOptions Options(bool isV5 = true) => ClientOwner.Options(new($"mqtt://127.0.0.1:{_server.Port}"), "test", isV5);

    private IAsyncEnumerator<Message> Subscribe(string filter, SubscribeOptions? options = null) =>
        _transport.SubscribeAsync(filter, options ?? new(), Cancellation).GetAsyncEnumerator(Cancellation);

    private Task PublishAsync(string text) =>
        _transport.PublishAsync("a", new(Encoding.UTF8.GetBytes(text)), default, Cancellation).AsTask();

    private async Task<MqttBytesConnection> ConnectedAsync(bool sessionPresent = false, bool isSubscribed = true)
    {
        var connecting = _client.ConnectAsync(Options(), Cancellation);
        var connection = isSubscribed ? await _server.SubscribedAsync(sessionPresent) : await _server.AcceptAsync(sessionPresent);
        await connecting.Patiently();
        return connection;
    }

    private async Task LoseAsync(MqttBytesConnection connection)
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.DisconnectedAsync += _ =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };
        connection.Cut();
        await lost.Task.Patiently();
    }
}
