namespace StreamLearn.Mqtt.Tests;

/// <summary>What a server takes, where it changes or where it is only just enough; and what it must not send.</summary>
public sealed class NewLimitsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_the_server_does_not_take_any_more_fails_instead_of_going_again_and_what_is_behind_it_goes(bool present)
    {
        var probe = new SessionProbe().Connected();
        var (large, twice, kept) = (probe.Publish(new('x', 40)), probe.Publish("x", qos: 2), probe.Publish("x", retain: true));
        _ = probe.Publish("y");
        _ = probe.Sent();
        probe.Connected(present, qos: 1, retains: false, packetBytes: 40);
        Assert.Equal($"Publish y as 4{(present ? " again" : "")}", probe.Sent());
        foreach (var task in new[] { large, twice, kept })
        {
            Assert.False((await Assert.ThrowsAsync<TransportException>(() => Wait(task))).IsTransient);
        }
        Assert.Equal((1, 255), (probe.Session.Outbox.InFlight, probe.Session.Outbox.Credit));
    }

    [Fact]
    public void A_message_that_was_recorded_is_finished_whatever_the_server_takes_now()
    {
        var probe = new SessionProbe().Connected();
        _ = probe.Publish(new('x', 40), qos: 2);
        Assert.True(probe.Ack(PacketType.PubRec, 1));
        _ = probe.Sent();
        probe.Connected(present: true, qos: 0, packetBytes: 40);
        Assert.Equal("PubRel 1", probe.Sent());
    }

    [Theory, InlineData(0), InlineData(1)]
    public void An_alias_never_makes_a_packet_larger_than_the_server_takes(int qos)
    {
        const int Limit = 200;
        for (var bytes = 100; bytes < Limit; bytes++)
        {
            var probe = new SessionProbe().Connected(packetBytes: Limit, aliases: 3);
            _ = probe.Publish(new('x', bytes), qos);
            var body = bytes + 4 + (2 * qos);           // topic, packet identifier, no properties
            var packets = probe.Packets();
            Assert.Equal(Size(body) <= Limit ? 1 : 0, packets.Count);
            Assert.All(packets, static p => Assert.InRange(Size(p.Body.Length), 1, Limit));
        }

        static int Size(int body) => body + (body < 128 ? 2 : 3);
    }

    [Theory]
    [InlineData(1, nameof(PacketType.PubAck), "")]
    [InlineData(2, nameof(PacketType.PubRec), "PubRel 3 PacketIdentifierNotFound")]
    [InlineData(2, nameof(PacketType.PubComp), "")]
    public void An_answer_to_what_was_not_sent_over_the_new_session_confirms_nothing(int qos, string answer, string said)
    {
        var probe = new SessionProbe().Connected();
        foreach (var name in new[] { "a", "b", "c" }) { _ = probe.Publish(name, qos); }
        _ = probe.Sent();
        probe.Connected(present: false, receiveMaximum: 1);
        Assert.Equal("Publish a as 1", probe.Sent());
        Assert.True(probe.Ack(Enum.Parse<PacketType>(answer), 3));
        Assert.Equal(said, probe.Sent());
        Assert.Equal((3, 0L), (probe.Session.Outbox.InFlight, probe.Session.Counters.Published));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_server_that_answers_all_but_one_is_late(int qos)
    {
        var probe = new SessionProbe(new() { ClientId = "c", KeepAlive = 60_000, ReplyDeadline = 5000 }).Connected();
        _ = probe.Publish("never answered", qos);
        var id = 2;
        for (; id <= 5; id++)
        {
            Assert.True(probe.Tick((id - 1) * 1000), probe.Fault.Text);
            _ = probe.Publish("x", qos);
            Assert.True(probe.Ack(qos == 1 ? PacketType.PubAck : PacketType.PubRec, id));
            if (qos == 2) { Assert.True(probe.Ack(PacketType.PubComp, id)); }
        }
        Assert.False(probe.Tick(5000));
        Assert.Contains("PUBACK", probe.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_only_repeats_itself_is_late()
    {
        var probe = new SessionProbe(new() { ClientId = "c", KeepAlive = 60_000, ReplyDeadline = 5000 }).Connected();
        _ = probe.Publish("x", qos: 2);
        for (var now = 0; now < 5000; now += 1000)
        {
            Assert.True(probe.Tick(now), probe.Fault.Text);
            Assert.True(probe.Ack(PacketType.PubRec, 1));
        }
        Assert.False(probe.Tick(5000));
        Assert.Contains("PUBCOMP", probe.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void While_PubRecs_come_in_their_order_no_PubComp_is_late()
    {
        var probe = new SessionProbe(new() { ClientId = "c", KeepAlive = 60_000, ReplyDeadline = 5000 }).Connected();
        for (var id = 1; id <= 9; id++) { _ = probe.Publish("x", qos: 2); }
        for (var id = 1; id <= 9; id++)
        {
            Assert.True(probe.Tick(id * 1000), probe.Fault.Text);
            Assert.True(probe.Ack(PacketType.PubRec, id));
        }
    }

    [Fact]
    public async Task Publishers_that_give_up_while_the_server_is_away_leave_nothing_behind()
    {
        var probe = new SessionProbe();
        using var canceling = new CancellationTokenSource();
        var first = probe.Publish("patient");
        for (var i = 0; i < 10_000; i++)
        {
            using var impatient = new CancellationTokenSource();
            _ = probe.Publish("x", cancellation: impatient.Token);
            await impatient.CancelAsync();
        }
        Assert.InRange(probe.Session.Outbox.Waiting, 1, 200);
        Assert.Equal("Publish patient as 1", probe.Connected().Sent());
        Assert.False(first.IsCompleted);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void More_than_the_receive_maximum_over_a_new_session_is_a_fault_whoever_holds_the_messages(byte qos)
    {
        var probe = new SessionProbe().Connected();
        for (var i = 1; i <= 4; i++) { Assert.True(probe.Message(i, qos)); }
        Assert.False(probe.Session.Inbox.IsOverdrawn);                  // it is read, and answered so
        Assert.False(probe.Message(5, qos));
        Assert.Equal(MqttReason.ReceiveMaximumExceeded, probe.Fault.Reason);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void More_than_the_receive_maximum_after_a_resumed_session_or_an_acknowledgement_is_left_unread(bool present)
    {
        var probe = new SessionProbe().Connected().Connected(present);
        if (!present)
        {
            Assert.True(probe.Message(9));
            probe.Acknowledge(probe.Take());
        }
        for (var i = 1; i <= 4; i++) { Assert.True(probe.Message(i)); }
        Assert.True(probe.Session.Inbox.IsOverdrawn);
        probe.Acknowledge(probe.Take());
        Assert.False(probe.Session.Inbox.IsOverdrawn);
    }

    [Theory]
    [InlineData("a/#", false, true, 1000, (int)MqttReason.WildcardSubscriptionsNotSupported)]
    [InlineData("a/+", false, true, 1000, (int)MqttReason.WildcardSubscriptionsNotSupported)]
    [InlineData("$share/g/a", true, false, 1000, (int)MqttReason.SharedSubscriptionsNotSupported)]
    [InlineData("0123456789", true, true, 17, (int)MqttReason.PacketTooLarge)]
    [InlineData("0123456789", false, false, 18, null)]
    public void What_the_server_does_not_subscribe_to_is_not_asked_for(
        string filter, bool wildcards, bool shared, uint packetBytes, int? code)
    {
        var answer = (MqttReason?)code;
        var probe = new SessionProbe();
        probe.Subscribe(filter);
        probe.Connected(wildcards: wildcards, shared: shared, packetBytes: packetBytes);
        Assert.Equal(answer is null ? "Subscribe 32769" : "", probe.Sent());
        Assert.Equal((answer, answer is not null), (probe.Session.Filters.Answer(filter), probe.Session.Filters.IsRefused));
        Assert.True(answer is null || probe.Tick(4000));
        probe.Connected();
        Assert.StartsWith("Subscribe", probe.Sent(), StringComparison.Ordinal);
    }

    [Theory, InlineData(0, 0), InlineData(1, 1), InlineData(0x87, null)]
    public void The_QoS_that_was_granted_is_told(byte code, int? granted)
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        var id = Assert.Single(probe.Connected().Packets()).PacketId;
        Assert.Null(SessionStatus.Of(probe.Session, "a", "").GrantedQos);
        Assert.True(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [code])));
        Assert.Equal(granted, SessionStatus.Of(probe.Session, "a", "").GrantedQos);
    }

    private static Task Wait(Task task) => task.WaitAsync(Patience, TimeProvider.System, Cancellation);
}
