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
        Assert.False(probe.Feed(
            static output => ServerPackets.ConnAck(output, MqttVersion.V5, new() { SessionPresent = true, MaximumQos = 2 })));
    }

    [Theory]
    [InlineData("20 07 00 00 04 1A 00 01 69")]          // response information
    [InlineData("20 07 00 00 04 15 00 01 6D")]          // an authentication method
    [InlineData("F0 00")]                               // AUTH
    [InlineData("E0 00")]                               // DISCONNECT
    public void What_was_not_asked_for_or_comes_before_ConnAck_is_a_fault(string hex)
    {
        var probe = new SessionProbe();
        probe.Session.Connect(new(), credentials: null, 0);
        Assert.False(probe.Feed(o => o.Write(Bytes.Of(hex))));
        Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
        Assert.Equal(0, probe.Session.Counters.Connects);
    }

    [Fact]
    public void AUTH_without_a_method_in_CONNECT_is_a_fault()
    {
        var probe = new SessionProbe().Connected();
        Assert.False(probe.Feed(static o => o.Write(Bytes.Of("F0 06 18 04 15 00 01 6D"))));
        Assert.Equal(MqttReason.ProtocolError, probe.Fault.Reason);
    }

    [Fact]
    public void A_refused_connection_has_a_reason()
    {
        var probe = new SessionProbe();
        probe.Session.Connect(new(), credentials: null, 0);
        Assert.True(probe.Feed(static output => ServerPackets.ConnAck(
            output, MqttVersion.V5, new() { Reason = MqttReason.NotAuthorized, MaximumQos = 2, ReceiveMaximum = 1 })));
        Assert.Equal(MqttReason.NotAuthorized, probe.Session.ServerReason);
        Assert.Equal(SessionState.Closed, probe.Session.State);
    }

    [Fact]
    public void Packets_that_no_server_sends_are_faults()
    {
        Assert.False(new SessionProbe().Connected().Feed(static o => PacketWriter.Ping(o, PacketType.PingReq)));
        Assert.False(new SessionProbe().Connected().Feed(static o => ServerPackets.ConnAck(o, MqttVersion.V5, new() { MaximumQos = 2 })));
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
    public void After_a_goodbye_nothing_is_sent_and_what_was_held_comes_again()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1);
        probe.Message(2, qos: 2);
        probe.Message(3);
        var (first, second, third) = (probe.Take(), probe.Take(), probe.Take());
        probe.Disconnect(MqttReason.Success);
        Assert.Equal("Disconnect Success", probe.Sent());

        probe.Acknowledge(first);
        probe.Acknowledge(second);
        probe.Refuse(third);
        _ = probe.Publish("x");
        probe.Subscribe("a");
        Assert.True(probe.Message(4) && probe.Ack(PacketType.PubRel, 2) && probe.Ack(PacketType.PubRec, 1) && probe.Tick(100_000));
        probe.Disconnect(MqttReason.Success);

        Assert.Equal("", probe.Sent());
        Assert.Equal(0, probe.Session.Inbox.Waiting);
        probe.Connected(present: true);
        _ = probe.Sent();
        Assert.True(probe.Message(1, duplicate: true) && probe.Message(2, qos: 2, duplicate: true) && probe.Message(3, duplicate: true));
        Assert.Equal("PubAck 1, PubRec 2", probe.Sent());
        Assert.Equal(1, probe.Session.Inbox.Waiting);
    }

    [Fact]
    public void A_subscription_is_made_once_in_a_session_and_again_without_one()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        probe.Connected();
        var id = Assert.Single(probe.Packets()).PacketId;
        Assert.True(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1])));
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
        Assert.True(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [0x87])));
        Assert.Equal(MqttReason.NotAuthorized, probe.Session.Filters.Answer("a"));
        Assert.Equal("", probe.Sent());                     // it is asked for once over a connection
        Assert.False(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1])));
    }

    [Theory, InlineData(new byte[] { 1, 1 }), InlineData(new byte[] { })]
    public void An_answer_has_one_code_for_each_filter(byte[] codes)
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        var id = Assert.Single(probe.Connected().Packets()).PacketId;
        Assert.False(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, codes)));
        Assert.Null(probe.Session.Filters.Answer("a"));
    }

    [Fact]
    public void A_filter_that_is_given_up_is_told_to_the_server()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        var id = Assert.Single(probe.Connected().Packets()).PacketId;
        probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1]));
        probe.Unsubscribe("a");
        var asked = Assert.Single(probe.Packets());
        Assert.Equal(PacketType.Unsubscribe, asked.Type);
        Assert.True(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.UnsubAck, asked.PacketId, [0])));
        Assert.Null(probe.Session.Filters.Answer("a"));
    }

    [Fact]
    public void A_filter_that_is_given_up_before_it_was_granted_is_told_to_the_server_when_it_is()
    {
        var probe = new SessionProbe();
        probe.Subscribe("a");
        var id = Assert.Single(probe.Connected().Packets()).PacketId;
        probe.Unsubscribe("a");
        Assert.Equal("", probe.Sent());
        Assert.True(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, id, [1])), probe.Fault.Text);
        var asked = Assert.Single(probe.Packets());
        Assert.Equal(PacketType.Unsubscribe, asked.Type);
        Assert.False(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.SubAck, asked.PacketId, [1])));
        Assert.True(probe.Feed(o => ServerPackets.SubAck(o, MqttVersion.V5, PacketType.UnsubAck, asked.PacketId, [0])));
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
        probe.Session.Sent(5900, isMoreLeft: false);
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
    public void A_ping_that_was_under_way_when_reading_stopped_is_not_waited_for_and_the_next_one_is_again()
    {
        var probe = new SessionProbe(new() { Version = MqttVersion.V311, KeepAlive = 8000 }).Connected();
        Assert.True(probe.Tick(6000));
        Assert.Equal("PingReq", probe.Sent());
        var pings = new List<long>();
        for (var now = 7000; now <= 80_000; now += 1000)
        {
            Assert.True(probe.Tick(now, isReading: false), probe.Fault.Text);
            if (probe.Sent() == "PingReq") { pings.Add(now); }
        }
        Assert.Equal([.. Enumerable.Range(2, 12).Select(static i => i * 6000L)], pings);
        Assert.Equal(12, probe.Session.Counters.SuspendedPings);
        Assert.True(probe.Tick(81_000), probe.Fault.Text);          // reads again, and nothing has come yet
        Assert.True(probe.Tick(84_000), probe.Fault.Text);
        Assert.Equal("PingReq", probe.Sent());
        Assert.True(probe.Tick(87_999), probe.Fault.Text);
        Assert.False(probe.Tick(88_000));
        Assert.Contains("PINGRESP", probe.Fault.Text, StringComparison.Ordinal);
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

    [Theory, InlineData(1), InlineData(2)]
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
