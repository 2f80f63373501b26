namespace StreamLearn.Mqtt.Tests;

/// <summary>Messages that go, and their confirmations.</summary>
public sealed class PublishingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(268_435_452, true)]         // a topic of one byte and its length, a packet identifier, no properties
    [InlineData(268_435_449, false)]
    public void What_no_packet_can_hold_is_refused_whatever_the_server_takes(int bytes, bool isRefused)
    {
        var piece = new byte[1 << 20];
        byte[][] pieces = [.. Enumerable.Repeat(piece, bytes >> 20), new byte[bytes & ((1 << 20) - 1)]];
        var refusal = ServerLimits.None.Refusal(MqttVersion.V5, new PublishTerms(1).Packet("a"u8, Segments.Of(pieces)));
        Assert.Equal(isRefused, refusal is { IsTransient: false });
    }

    [Fact]
    public async Task QoS_1_is_done_at_PubAck()
    {
        var probe = new SessionProbe().Connected();
        var done = probe.Publish("x");
        Assert.Equal("Publish x as 1", probe.Sent());
        Assert.False(done.IsCompleted);
        probe.Ack(PacketType.PubAck, 1);
        await Wait(done);
    }

    [Fact]
    public async Task QoS_2_is_done_at_PubComp()
    {
        var probe = new SessionProbe().Connected();
        var done = probe.Publish("x", qos: 2);
        probe.Sent();
        Assert.True(probe.Ack(PacketType.PubRec, 1));
        Assert.Equal("PubRel 1", probe.Sent());
        Assert.False(done.IsCompleted);
        Assert.True(probe.Ack(PacketType.PubComp, 1));
        await Wait(done);
    }

    [Fact]
    public async Task QoS_2_between_PubRec_and_PubComp_fails_with_its_session_and_is_sent_again_without_the_servers()
    {
        var probe = new SessionProbe().Connected();
        var done = probe.Publish("x", qos: 2);
        Assert.True(probe.Ack(PacketType.PubRec, 1));
        Assert.Equal("Publish x as 1, PubRel 1", probe.Sent());
        probe.Connected(present: false);
        Assert.Equal("Publish x as 1", probe.Sent());
        Assert.True(probe.Ack(PacketType.PubRec, 1));
        probe.Session.Outbox.Fail(new("the end", isTransient: false));
        Assert.Equal("the end", (await Assert.ThrowsAsync<TransportException>(() => Wait(done))).Message);
    }

    [Fact]
    public async Task QoS_0_is_done_when_written_and_waits_for_a_connection()
    {
        var probe = new SessionProbe();
        var done = probe.Publish("x", qos: 0);
        Assert.False(done.IsCompleted);
        probe.Connected();
        Assert.Equal("Publish x as 0", probe.Sent());
        await Wait(done);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_message_that_the_server_ends_every_connection_on_is_refused_and_those_behind_it_go_on(bool present)
    {
        var probe = new SessionProbe().Connected();
        var (first, second) = (probe.Publish("big"), probe.Publish("x"));
        var third = probe.Publish("y", qos: 0);
        Assert.Equal("Publish big as 1, Publish x as 2, Publish y as 0", probe.Sent());
        await Wait(third);
        probe.End();
        for (var connection = 1; connection < 6; connection++)
        {
            Assert.False(first.IsCompleted);
            probe.Connected(present);
            var again = present ? " again" : "";
            Assert.Equal($"Publish big as 1{again}", probe.Sent());         // alone
            probe.End();
        }
        var refusal = await Assert.ThrowsAsync<TransportException>(() => Wait(first));
        Assert.Equal("the server ended 6 connections in a row instead of answering a message of 3 bytes to 't'; it may exceed the "
            + "server's limit, or not be permitted", refusal.Message);
        Assert.False(refusal.IsTransient);
        probe.Connected(present);
        Assert.Equal($"Publish x as 2{(present ? " again" : "")}", probe.Sent());
        probe.Ack(PacketType.PubAck, 2);
        await Wait(second);
    }

    [Fact]
    public void A_message_goes_alone_only_until_the_server_answers()
    {
        var probe = new SessionProbe().Connected();
        foreach (var name in new[] { "a", "b" }) { _ = probe.Publish(name); }
        probe.End();
        probe.Connected(present: true);
        _ = probe.Publish("c");
        _ = probe.Publish("d", qos: 0);
        Assert.Equal("Publish a as 1 again", probe.Sent());
        probe.Ack(PacketType.PubAck, 1);
        Assert.Equal("Publish b as 2 again, Publish c as 3, Publish d as 0", probe.Sent());
    }

    [Fact]
    public void A_lost_connection_is_no_fault_of_a_message_nor_is_one_on_which_the_server_answered()
    {
        var probe = new SessionProbe().Connected();
        foreach (var name in new[] { "a", "b", "c" }) { _ = probe.Publish(name); }
        for (var connection = 0; connection < 10; connection++)
        {
            probe.Lose();
            probe.Connected(present: true);
        }
        Assert.Equal("Publish a as 1 again, Publish b as 2 again, Publish c as 3 again", probe.Sent());
        probe.Ack(PacketType.PubAck, 1);
        probe.End();
        probe.Connected(present: true);
        Assert.Equal("Publish b as 2 again, Publish c as 3 again", probe.Sent());
    }

    /// <summary>A server that does not take a message ends the connection at once.</summary>
    [Fact]
    public void A_thin_link_that_is_cut_while_a_message_goes_is_no_fault_of_the_message()
    {
        var probe = new SessionProbe().Connected();
        var big = probe.Publish("big");
        for (var connection = 0; connection < 10; connection++)
        {
            probe.Now += 3000;
            probe.End();
            Assert.False(big.IsCompleted);
            probe.Connected(present: true);
        }
        Assert.Equal("Publish big as 1 again", probe.Sent());
    }

    [Fact]
    public void No_more_are_in_flight_than_the_server_takes()
    {
        var probe = new SessionProbe().Connected(receiveMaximum: 2);
        foreach (var name in new[] { "a", "b", "c", "d" }) { _ = probe.Publish(name); }
        Assert.Equal("Publish a as 1, Publish b as 2", probe.Sent());
        Assert.Equal(0, probe.Session.Outbox.Credit);
        probe.Ack(PacketType.PubAck, 2);
        Assert.Equal("Publish c as 3", probe.Sent());
        probe.Ack(PacketType.PubAck, 1);
        Assert.Equal("Publish d as 4", probe.Sent());
    }

    [Fact]
    public void Without_quota_all_but_messages_goes_on()
    {
        var probe = new SessionProbe(new() { ClientId = "c", KeepAlive = 8000, Capacity = 4 }).Connected(receiveMaximum: 1);
        _ = probe.Publish("a", qos: 2);
        _ = probe.Publish("b");
        Assert.Equal("Publish a as 1", probe.Sent());
        Assert.Equal(0, probe.Session.Outbox.Credit);

        probe.Message(7);
        probe.Acknowledge(probe.Take());
        probe.Message(8, qos: 2);
        probe.Acknowledge(probe.Take());
        probe.Ack(PacketType.PubRel, 8);
        probe.Subscribe("s");
        probe.Ack(PacketType.PubRec, 1);
        Assert.Equal("PubAck 7, PubRec 8, PubComp 8, Subscribe 32769, PubRel 1", probe.Sent());
        Assert.True(probe.Feed(static o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, 32_769, [0])));
        probe.Unsubscribe("s");
        Assert.Equal("Unsubscribe 32770", probe.Sent());
        Assert.True(probe.Feed(static o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.UnsubAck, 32_770, [0])));
        probe.Now = 4000;
        probe.Ack(PacketType.PubRec, 1);                    // again: nothing new
        Assert.Equal("PubRel 1", probe.Sent());
        probe.Session.Heard(4000);
        Assert.True(probe.Tick(8500));
        Assert.True(probe.Sent() is "", "pings when it is time, not before");
        probe.Session.Sent(2000, isMoreLeft: false);
        Assert.True(probe.Tick(8600));
        Assert.Equal("PingReq", probe.Sent());
        probe.Disconnect(MqttReason.Success);
        Assert.Equal("Disconnect Success", probe.Sent());
    }

    [Fact]
    public void PubRel_goes_out_in_the_order_of_PubRec()
    {
        var probe = new SessionProbe().Connected();
        foreach (var name in new[] { "a", "b", "c" }) { _ = probe.Publish(name, qos: 2); }
        _ = probe.Sent();
        foreach (var id in new[] { 2, 1, 3 }) { probe.Ack(PacketType.PubRec, id); }
        Assert.Equal("PubRel 2, PubRel 1, PubRel 3", probe.Sent());
    }

    [Fact]
    public void After_a_resumed_session_what_is_unconfirmed_goes_again_in_its_order()
    {
        var probe = new SessionProbe().Connected();
        _ = probe.Publish("a");
        _ = probe.Publish("b", qos: 2);
        _ = probe.Publish("c");
        probe.Ack(PacketType.PubRec, 2);
        probe.Connected(present: true);
        Assert.Equal("Publish a as 1 again, PubRel 2, Publish c as 3 again", probe.Sent());
        Assert.Equal(3, probe.Session.Counters.RedeliveriesOut);
    }

    [Fact]
    public void Without_the_servers_session_what_is_unconfirmed_goes_as_new()
    {
        var probe = new SessionProbe().Connected();
        _ = probe.Publish("a");
        _ = probe.Publish("b", qos: 2);
        probe.Ack(PacketType.PubRec, 2);
        probe.Connected(present: false);
        Assert.Equal("Publish a as 1, Publish b as 2", probe.Sent());
    }

    [Fact]
    public void Redelivery_keeps_to_the_new_receive_maximum_and_comes_before_new_messages()
    {
        var probe = new SessionProbe().Connected();
        foreach (var name in new[] { "a", "b", "c" }) { _ = probe.Publish(name); }
        probe.Lose();
        _ = probe.Publish("d");
        probe.Connected(present: true, receiveMaximum: 2);
        Assert.Equal("Publish a as 1 again, Publish b as 2 again", probe.Sent());
        probe.Ack(PacketType.PubAck, 1);
        Assert.Equal("Publish c as 3 again", probe.Sent());
        probe.Ack(PacketType.PubAck, 2);
        Assert.Equal("Publish d as 4", probe.Sent());
    }

    [Fact]
    public async Task A_refusal_reaches_the_publisher()
    {
        var probe = new SessionProbe().Connected();
        var first = probe.Publish("x");
        probe.Ack(PacketType.PubAck, 1, MqttReason.NotAuthorized);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => Wait(first));
        Assert.Contains("NotAuthorized", refusal.Message, StringComparison.Ordinal);
        var second = probe.Publish("y", qos: 2);
        probe.Ack(PacketType.PubRec, 2, MqttReason.QuotaExceeded);
        Assert.True((await Assert.ThrowsAsync<TransportException>(() => Wait(second))).IsTransient);
        Assert.Equal(0, probe.Session.Outbox.InFlight);
    }

    [Fact]
    public async Task What_the_server_does_not_take_is_not_sent()
    {
        var probe = new SessionProbe().Connected(qos: 1, retains: false, packetBytes: 40);
        await Assert.ThrowsAsync<TransportException>(() => Wait(probe.Publish("x", qos: 2)));
        await Assert.ThrowsAsync<TransportException>(() => Wait(probe.Publish("x", retain: true)));
        await Assert.ThrowsAsync<TransportException>(() => Wait(probe.Publish(new('x', 40))));
        Assert.Equal("", probe.Sent());
    }

    [Fact]
    public async Task A_publisher_that_gives_up_before_sending_sends_nothing()
    {
        var probe = new SessionProbe();
        using var canceling = new CancellationTokenSource();
        var done = probe.Publish("x", cancellation: canceling.Token);
        await canceling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait(done));
        probe.Connected();
        Assert.Equal("", probe.Sent());
    }

    [Fact]
    public async Task A_publisher_that_gives_up_after_sending_leaves_the_message_to_be_confirmed()
    {
        var probe = new SessionProbe().Connected();
        using var canceling = new CancellationTokenSource();
        var done = probe.Publish("x", cancellation: canceling.Token);
        await canceling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait(done));
        probe.Connected(present: true);
        Assert.Equal("Publish x as 1 again", probe.Sent());
        Assert.True(probe.Ack(PacketType.PubAck, 1));
        Assert.Equal(0, probe.Session.Outbox.InFlight);
    }

    [Fact]
    public void Answers_of_the_wrong_kind_are_faults_and_late_ones_are_not()
    {
        Assert.True(new SessionProbe().Connected().Ack(PacketType.PubAck, 5));
        Assert.True(new SessionProbe().Connected().Ack(PacketType.PubComp, 5));
        var unknown = new SessionProbe().Connected();
        Assert.True(unknown.Ack(PacketType.PubRec, 5));
        Assert.Equal("PubRel 5 PacketIdentifierNotFound", unknown.Sent());
        foreach (var (qos, answer) in
            new[] { (1, PacketType.PubRec), (1, PacketType.PubComp), (2, PacketType.PubAck), (2, PacketType.PubComp) })
        {
            var probe = new SessionProbe().Connected();
            _ = probe.Publish("x", qos);
            Assert.False(probe.Ack(answer, 1));
            Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
        }
    }

    [Fact]
    public void Aliases_are_sent_where_the_server_has_them()
    {
        var probe = new SessionProbe().Connected(aliases: 3);
        _ = probe.Publish("x");
        _ = probe.Publish("y");
        Assert.Equal("Publish x as 1 alias 1 't', Publish y as 2 alias 1 ''", probe.Sent());
        probe.Connected(present: true);
        Assert.Equal("Publish x as 1 again, Publish y as 2 again", probe.Sent());
    }

    [Fact]
    public void Packet_identifiers_in_use_are_passed_over()
    {
        var probe = new SessionProbe(new() { ClientId = "c", PublishInFlight = 65_535 }).Connected();
        _ = probe.Publish("held");
        for (var i = 0; i < 65_534; i++)
        {
            _ = probe.Publish("x");
            probe.Ack(PacketType.PubAck, i + 2);
            if (i % 1024 == 0) { probe.Sent(); }
        }
        probe.Sent();
        _ = probe.Publish("y");
        Assert.Equal("Publish y as 2", probe.Sent());
    }

    private static Task Wait(Task task) => task.WaitAsync(Patience, TimeProvider.System, Cancellation);
}
