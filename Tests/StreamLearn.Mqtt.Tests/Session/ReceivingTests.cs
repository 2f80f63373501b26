namespace StreamLearn.Mqtt.Tests;

/// <summary>Messages that come, and their acknowledgements.</summary>
public sealed class ReceivingTests
{
    [Fact]
    public void Acknowledgements_go_out_in_the_order_of_the_messages_whatever_the_order_of_release()
    {
        var probe = new SessionProbe().Connected();
        Assert.True(probe.Message(7) && probe.Message(3, qos: 2) && probe.Message(5));
        var (first, second, third) = (probe.Take(), probe.Take(), probe.Take());
        probe.Acknowledge(third);
        probe.Acknowledge(second);
        Assert.Equal("", probe.Sent());
        probe.Acknowledge(first);
        Assert.Equal("PubAck 7, PubRec 3, PubAck 5", probe.Sent());
    }

    [Fact]
    public void PubRec_is_withheld_until_release_and_PubComp_follows_PubRel_at_once()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, qos: 2);
        var message = probe.Take();
        Assert.Equal("", probe.Sent());
        probe.Acknowledge(message);
        Assert.Equal("PubRec 1", probe.Sent());
        Assert.True(probe.Ack(PacketType.PubRel, 1));
        Assert.Equal("PubComp 1", probe.Sent());
        Assert.Equal(0, probe.Session.Inbox.Taken);
        Assert.Equal(0, probe.Session.Inbox.Held);
    }

    [Fact]
    public void PubRel_of_an_unknown_packet_is_answered_so_and_one_before_PubRec_is_a_fault()
    {
        var probe = new SessionProbe().Connected();
        Assert.True(probe.Ack(PacketType.PubRel, 9));
        Assert.Equal("PubComp 9 PacketIdentifierNotFound", probe.Sent());
        probe.Message(1, qos: 2);
        Assert.False(probe.Ack(PacketType.PubRel, 1));
        Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_message_still_held_is_not_delivered_again_and_acknowledged_once(byte qos)
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, qos);
        var message = probe.Take();
        probe.Connected(present: true);
        Assert.True(probe.Message(1, qos, duplicate: true));
        Assert.Equal(0, probe.Session.Inbox.Waiting);
        Assert.Equal(1, probe.Session.Counters.RedeliveriesIn);
        Assert.Equal("", probe.Sent());
        probe.Acknowledge(message);
        Assert.Equal(qos == 1 ? "PubAck 1" : "PubRec 1", probe.Sent());
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_message_released_while_the_connection_was_away_is_acknowledged_when_it_comes_again(byte qos)
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, qos);
        var message = probe.Take();
        probe.Lose();
        probe.Acknowledge(message);
        Assert.Equal("", probe.Sent());
        probe.Connected(present: true);
        Assert.True(probe.Message(1, qos, duplicate: true));
        Assert.Equal(0, probe.Session.Inbox.Waiting);
        Assert.Equal(qos == 1 ? "PubAck 1" : "PubRec 1", probe.Sent());
    }

    [Fact]
    public void A_recorded_message_of_QoS_2_comes_again_and_is_recorded_again_but_not_delivered()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, qos: 2);
        probe.Acknowledge(probe.Take());
        probe.Connected(present: true);
        Assert.True(probe.Message(1, qos: 2, duplicate: true));
        Assert.Equal("PubRec 1", probe.Sent());
        Assert.Equal(0, probe.Session.Inbox.Waiting);
        Assert.True(probe.Ack(PacketType.PubRel, 1));
        Assert.Equal("PubComp 1", probe.Sent());
        Assert.True(probe.Message(1, qos: 2));
        Assert.Equal(1, probe.Session.Inbox.Waiting);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Without_the_servers_session_old_packet_identifiers_mean_nothing(byte qos)
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, qos);
        var old = probe.Take();
        probe.Connected(present: false);
        Assert.True(probe.Message(1, qos));
        var young = probe.Take();
        probe.Acknowledge(old);
        Assert.Equal("", probe.Sent());
        probe.Acknowledge(young);
        Assert.Equal(qos == 1 ? "PubAck 1" : "PubRec 1", probe.Sent());
        Assert.Equal(0, probe.Session.Inbox.Held);
    }

    [Fact]
    public void Without_the_servers_session_a_number_that_was_recorded_is_a_new_message()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, qos: 2, payload: "old");
        probe.Acknowledge(probe.Take());
        probe.Connected(present: false);
        Assert.True(probe.Message(1, qos: 2, payload: "new"));
        Assert.Equal((1, 0L), (probe.Session.Inbox.Waiting, probe.Session.Counters.RedeliveriesIn));
        probe.Acknowledge(probe.Take());
        Assert.Equal("PubRec 1", probe.Sent());
    }

    [Fact]
    public void A_server_that_lost_state_and_uses_a_number_anew_loses_no_message()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1);
        var old = probe.Take();
        probe.Connected(present: true);
        Assert.True(probe.Message(1, duplicate: false));
        var young = probe.Take();
        probe.Acknowledge(old);
        Assert.Equal("", probe.Sent());
        probe.Acknowledge(young);
        Assert.Equal("PubAck 1", probe.Sent());
    }

    [Fact]
    public void A_refused_message_is_passed_over_and_delivered_when_it_comes_again()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1);
        probe.Message(2);
        probe.Refuse(probe.Take());
        probe.Acknowledge(probe.Take());
        Assert.Equal("PubAck 2", probe.Sent());
        Assert.Equal(1, probe.Session.Inbox.Refused);
        probe.Connected(present: true);
        Assert.True(probe.Message(1, duplicate: true));
        Assert.Equal(1, probe.Session.Inbox.Waiting);
    }

    [Fact]
    public void More_messages_than_the_receive_maximum_are_a_fault_of_MQTT_5()
    {
        var probe = new SessionProbe().Connected();
        for (var i = 1; i <= 4; i++) { Assert.True(probe.Message(i)); }
        Assert.False(probe.Message(5));
        Assert.Equal(MqttReason.ReceiveMaximumExceeded, probe.Fault.Reason);
    }

    [Fact]
    public void A_recorded_message_uses_credit_until_PubComp()
    {
        var probe = new SessionProbe().Connected();
        for (var i = 1; i <= 4; i++)
        {
            probe.Message(i, qos: 2);
            probe.Acknowledge(probe.Take());
        }
        Assert.Equal(4, probe.Session.Inbox.Taken);
        probe.Ack(PacketType.PubRel, 2);
        Assert.Equal(3, probe.Session.Inbox.Taken);
        Assert.True(probe.Message(2, qos: 2));
    }

    [Fact]
    public void The_reader_of_3_1_1_stops_at_the_capacity_and_goes_on_after_an_acknowledgement()
    {
        var probe = new SessionProbe(new() { Version = MqttVersion.V311, Capacity = 2 }).Connected();
        probe.Message(1);
        Assert.False(probe.Session.Inbox.IsFull);
        probe.Message(2);
        Assert.True(probe.Session.Inbox.IsFull);
        probe.Acknowledge(probe.Take());
        Assert.False(probe.Session.Inbox.IsFull);
    }

    [Theory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public void New_credit_from_a_server_that_lost_the_session_is_not_used_while_the_application_holds_all(MqttVersion version)
    {
        var probe = new SessionProbe(new() { Version = version, Capacity = 2 }).Connected();
        probe.Message(1);
        probe.Message(2);
        probe.Connected(present: false);
        Assert.True(probe.Session.Inbox.IsFull || probe.Session.Inbox.IsOverdrawn);
        probe.Acknowledge(probe.Take());
        Assert.False(probe.Session.Inbox.IsFull || probe.Session.Inbox.IsOverdrawn);
        Assert.True(probe.Message(1));
        Assert.Equal(2, probe.Session.Inbox.Waiting);
        Assert.True(probe.Session.Inbox.IsFull || probe.Session.Inbox.IsOverdrawn);
    }

    [Fact]
    public void QoS_0_beyond_the_capacity_is_dropped_and_counted()
    {
        var probe = new SessionProbe().Connected();
        for (var i = 0; i < 6; i++) { Assert.True(probe.Message(0, qos: 0)); }
        Assert.Equal(4, probe.Session.Inbox.Waiting);
        Assert.Equal(2, probe.Session.Counters.OverCredit);
        probe.Acknowledge(probe.Take());
        Assert.Equal("", probe.Sent());
    }

    [Fact]
    public void A_packet_identifier_in_use_is_a_fault_unless_it_says_that_it_comes_again()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1);
        Assert.True(probe.Message(1, duplicate: true));
        Assert.Equal(1, probe.Session.Inbox.Waiting);
        Assert.False(probe.Message(1));
        Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
    }

    [Fact]
    public void A_message_ends_once_and_old_numbers_touch_nothing()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1);
        var first = probe.Take();
        probe.Acknowledge(first);
        probe.Message(2);
        var second = probe.Take();
        probe.Acknowledge(first);
        probe.Refuse(first);
        Assert.Equal("PubAck 1", probe.Sent());
        probe.Acknowledge(second);
        Assert.Equal("PubAck 2", probe.Sent());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void After_PubAck_the_packet_identifier_is_a_new_message_whatever_DUP_says(bool duplicate)
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1, payload: "old");
        probe.Acknowledge(probe.Take());
        Assert.Equal("PubAck 1", probe.Sent());
        Assert.True(probe.Message(1, duplicate: duplicate, payload: "new"));
        Assert.True(probe.Session.Inbox.TryTake(out var message));
        Assert.Equal("new"u8, message.Payload.AsSpan(0, message.Length));
        probe.Acknowledge(message.Id);
        Assert.Equal("PubAck 1", probe.Sent());
    }

    [Fact]
    public void Aliases_stand_for_topics_within_a_connection()
    {
        var probe = new SessionProbe().Connected();
        Assert.True(probe.Message(1, alias: 2, topic: "long/topic"));
        Assert.True(probe.Message(2, alias: 2, topic: ""));
        probe.Take();
        Assert.True(probe.Session.Inbox.TryTake(out var message));
        Assert.Equal("long/topic", message.Topic.Value);
        for (ushort alias = 1; alias <= 16; alias++) { Assert.True(probe.Message(0, qos: 0, alias: alias, topic: $"t/{alias}")); }
        Assert.True(probe.Message(3, alias: 16, topic: "") && probe.Message(4, alias: 1, topic: ""));
        probe.Connected(present: true);
        Assert.False(probe.Message(5, alias: 2, topic: ""));
        Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
        Assert.False(probe.Connected().Message(5, alias: 17));
        Assert.Equal(MqttReason.TopicAliasInvalid, probe.Fault.Reason);
    }

    [Fact]
    public void After_the_end_of_a_subscription_nothing_is_delivered_or_acknowledged()
    {
        var probe = new SessionProbe().Connected();
        probe.Session.Inbox.IsEnding = true;
        Assert.True(probe.Message(1) && probe.Message(0, qos: 0));
        Assert.Equal(0, probe.Session.Inbox.Waiting);
        Assert.Equal("", probe.Sent());
    }
}
