namespace StreamLearn.Mqtt.Tests;

/// <summary>The beginning and the end of connections, subscriptions, and time.</summary>
public sealed class SessionTests
{
    [Fact]
    public void Anything_but_ConnAck_first_is_a_fault()
    {
        var probe = new SessionProbe();
        probe.Session.Connect(new(), credentials: null, 0);
        Assert.False(probe.Message(1));
        Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
    }

    [Fact]
    public void A_session_after_a_clean_start_is_a_fault()
    {
        var probe = new SessionProbe(new() { ClientId = "c", CleanStart = true });
        probe.Session.Connect(new(), credentials: null, 0);
        Assert.False(probe.Feed(static output => PacketWriter.ConnAck(output, MqttVersion.V5, new() { SessionPresent = true, MaximumQos = 2 })));
    }

    [Fact]
    public void A_refused_connection_has_a_reason()
    {
        var probe = new SessionProbe();
        probe.Session.Connect(new(), credentials: null, 0);
        Assert.True(probe.Feed(static output => PacketWriter.ConnAck(
            output, MqttVersion.V5, new() { Reason = MqttReason.NotAuthorized, MaximumQos = 2, ReceiveMaximum = 1 })));
        Assert.Equal(MqttReason.NotAuthorized, probe.Session.ServerReason);
        Assert.Equal(SessionState.Closed, probe.Session.State);
    }

    [Fact]
    public void Packets_that_no_server_sends_are_faults()
    {
        Assert.False(new SessionProbe().Connected().Feed(static o => PacketWriter.Ping(o, PacketType.PingReq)));
        Assert.False(new SessionProbe().Connected().Feed(static o => PacketWriter.ConnAck(o, MqttVersion.V5, new() { MaximumQos = 2 })));
        var old = new SessionProbe(new() { Version = MqttVersion.V311 }).Connected();
        Assert.False(old.Feed(static o => PacketWriter.Disconnect(o, MqttVersion.V311, MqttReason.Success)));
    }

    [Fact]
    public void The_servers_goodbye_has_a_reason_and_ends_all()
    {
        var probe = new SessionProbe().Connected();
        Assert.True(probe.Feed(static o => PacketWriter.Disconnect(o, MqttVersion.V5, MqttReason.SessionTakenOver)));
        Assert.Equal(MqttReason.SessionTakenOver, probe.Session.ServerReason);
        Assert.True(probe.Message(1));
        Assert.Equal(0, probe.Session.Inbox.Waiting);
    }

    [Fact]
    public void A_fault_is_told_to_a_server_of_MQTT_5_alone()
    {
        var probe = new SessionProbe().Connected();
        probe.Disconnect(MqttReason.MalformedPacket);
        Assert.Equal("Disconnect MalformedPacket", probe.Sent());
        var old = new SessionProbe(new() { Version = MqttVersion.V311 }).Connected();
        old.Disconnect(MqttReason.MalformedPacket);
        Assert.Equal("", old.Sent());
    }

    [Fact]
    public void A_subscription_is_made_once_in_a_session_and_again_without_one()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        probe.Connected();
        var id = Assert.Single(probe.Packets()).PacketId;
        Assert.True(probe.Feed(o => PacketWriter.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1])));
        Assert.Equal(MqttReason.GrantedQos1, probe.Session.Filters.Answer("a"));
        probe.Connected(present: true);
        Assert.Equal("", probe.Sent());
        probe.Connected(present: false);
        Assert.Equal(PacketType.Subscribe, Assert.Single(probe.Packets()).Type);
    }

    [Fact]
    public void A_subscription_that_was_not_answered_is_asked_for_again()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        probe.Connected();
        probe.Connected(present: true);
        Assert.Equal(PacketType.Subscribe, Assert.Single(probe.Packets()).Type);
    }

    [Fact]
    public void A_subscription_may_be_refused_and_an_answer_that_was_not_asked_for_is_a_fault()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        var id = Assert.Single(probe.Connected().Packets()).PacketId;
        Assert.True(probe.Feed(o => PacketWriter.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [0x87])));
        Assert.Equal(MqttReason.NotAuthorized, probe.Session.Filters.Answer("a"));
        Assert.False(probe.Feed(o => PacketWriter.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1])));
    }

    [Fact]
    public void A_filter_that_is_given_up_is_told_to_the_server()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        var id = Assert.Single(probe.Connected().Packets()).PacketId;
        probe.Feed(o => PacketWriter.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1]));
        probe.Unsubscribe("a");
        var asked = Assert.Single(probe.Packets());
        Assert.Equal(PacketType.Unsubscribe, asked.Type);
        Assert.True(probe.Feed(o => PacketWriter.SubAck(o, MqttVersion.V5, PacketType.UnsubAck, asked.PacketId, [0])));
        Assert.Null(probe.Session.Filters.Answer("a"));
    }

    [Fact]
    public void An_idle_session_pings_before_the_keep_alive_is_over()
    {
        var probe = new SessionProbe().Connected();
        Assert.True(probe.Tick(5999));
        Assert.Equal("", probe.Sent());
        Assert.True(probe.Tick(6000));
        Assert.Equal("PingReq", probe.Sent());
        Assert.True(probe.Feed(static o => PacketWriter.Ping(o, PacketType.PingResp)));
        probe.Session.Heard(6010);
        Assert.True(probe.Tick(10_500));
        Assert.Equal("", probe.Sent());
        Assert.True(probe.Tick(12_000));
        Assert.Equal("PingReq", probe.Sent());
    }

    [Fact]
    public void A_session_that_sends_and_hears_nothing_pings_as_well()
    {
        var probe = new SessionProbe().Connected();
        probe.Session.Sent(5900);
        Assert.True(probe.Tick(6000));
        Assert.Equal("PingReq", probe.Sent());
    }

    [Fact]
    public void A_half_open_connection_is_found_within_one_and_a_half_times_the_keep_alive()
    {
        var probe = new SessionProbe().Connected();
        probe.Tick(6000);
        Assert.True(probe.Tick(9999));
        Assert.False(probe.Tick(10_000));
        Assert.Contains("PINGRESP", probe.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void While_nothing_is_read_pings_go_out_are_counted_and_not_waited_for()
    {
        var probe = new SessionProbe(new() { Version = MqttVersion.V311, KeepAlive = 8000 }).Connected();
        for (var now = 1000; now <= 80_000; now += 1000) { Assert.True(probe.Tick(now, isReading: false)); _ = probe.Sent(); }
        Assert.True(probe.Session.Counters.SuspendedPings >= 10);
        probe.Session.Heard(80_000);
        Assert.True(probe.Tick(80_001));
    }

    [Fact]
    public void ConnAck_has_a_deadline()
    {
        var probe = new SessionProbe();
        probe.Session.Connect(new(), credentials: null, 0);
        Assert.True(probe.Tick(9999));
        Assert.False(probe.Tick(10_000));
        Assert.Contains("CONNACK", probe.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SubAck_has_a_deadline()
    {
        var probe = new SessionProbe().Connected();
        probe.Subscribe("a");
        Assert.True(probe.Tick(4999));
        Assert.False(probe.Tick(5000));
        Assert.Contains("SUBACK", probe.Fault.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Confirmations_have_a_deadline_that_each_answer_moves(int qos)
    {
        var probe = new SessionProbe().Connected();
        _ = probe.Publish("x", qos);
        _ = probe.Publish("y", qos);
        probe.Now = 4000;
        probe.Ack(qos == 1 ? PacketType.PubAck : PacketType.PubRec, 1);
        probe.Session.Heard(4000);
        Assert.True(probe.Tick(8999));
        Assert.False(probe.Tick(9000));
        Assert.Contains("PUBACK", probe.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_servers_keep_alive_counts()
    {
        var probe = new SessionProbe().Connected(keepAlive: 4);
        probe.Tick(3000);
        Assert.Equal("PingReq", probe.Sent());
    }
}
