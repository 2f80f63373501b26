namespace StreamLearn.Mqtt.Tests;

/// <summary>What belongs to a connection ends with it: aliases of topics, the credit that refused messages keep, and pings.</summary>
public sealed class NextConnectionTests
{
    [Fact]
    public void An_alias_is_told_anew_over_each_connection()
    {
        var probe = new SessionProbe().Connected(aliases: 3);
        _ = probe.Publish("x");
        _ = probe.Publish("y");
        Assert.Equal("Publish x as 1 alias 1 't', Publish y as 2 alias 1 ''", probe.Sent());
        probe.Connected(present: true, aliases: 3);
        Assert.Equal("Publish x as 1 again alias 1 't', Publish y as 2 again alias 1 ''", probe.Sent());
    }

    [Fact]
    public void Topics_beyond_the_aliases_that_the_server_has_go_by_their_names()
    {
        var probe = new SessionProbe().Connected(aliases: 2);
        foreach (var topic in new[] { "a", "b", "c", "b", "c" }) { _ = probe.Publish("x", topic: topic); }
        Assert.Equal(
            "Publish x as 1 alias 1 'a', Publish x as 2 alias 2 'b', Publish x as 3, Publish x as 4 alias 2 '', Publish x as 5",
            probe.Sent());
        Assert.Equal(["a", "b", "c", "c"], Topics(new SessionProbe().Connected(aliases: 2), "a", "b", "c", "b", "c"));
    }

    [Fact]
    public void Refused_messages_keep_their_credit_until_the_next_connection()
    {
        var probe = new SessionProbe().Connected();
        probe.Message(1);
        probe.Message(2);
        probe.Refuse(probe.Take());
        probe.Refuse(probe.Take());
        Assert.Equal((2, 2), (probe.Session.Inbox.Refused, probe.Session.Inbox.Taken));
        probe.Connected(present: true);
        Assert.Equal((0, 0), (probe.Session.Inbox.Refused, probe.Session.Inbox.Taken));
        Assert.True(probe.Message(1, duplicate: true));
        Assert.Equal((0, 1), (probe.Session.Inbox.Refused, probe.Session.Inbox.Taken));
    }

    [Fact]
    public void A_ping_that_the_last_connection_did_not_answer_is_not_waited_for()
    {
        var probe = new SessionProbe().Connected();
        Assert.True(probe.Tick(6000));
        Assert.Equal("PingReq", probe.Sent());
        probe.Lose();
        probe.Now = 7000;
        probe.Connected(present: true);
        Assert.True(probe.Tick(12_999), probe.Fault.Text);
        Assert.Equal("", probe.Sent());
        Assert.True(probe.Tick(13_000), probe.Fault.Text);
        Assert.Equal("PingReq", probe.Sent());
    }

    /// <summary>The names that stand in the packets.</summary>
    private static IEnumerable<string> Topics(SessionProbe probe, params ReadOnlySpan<string> topics)
    {
        foreach (var topic in topics) { _ = probe.Publish("x", topic: topic); }
        return [.. probe.Packets().Select(static p => (char)p.Body[2]).Where(char.IsAsciiLetter).Select(static c => c.ToString())];
    }
}
