namespace Tool.Tests;

/// <summary>What is told of lost connections, and when.</summary>
public sealed class FleetConnectionsTests
{
    private const string Server = "mqtt://broker";
    private const string Lost = "12.3 s  no connection to mqtt://broker: it closed (1 session)";

    private readonly FleetConnections _connections = new();

    [Fact]
    public void The_loss_of_many_sessions_is_one_line_and_so_is_their_return()
    {
        Connect(80, 0);
        for (var s = 0; s < 80; s++) { Take(s, isConnected: false, 12.3 + (s * 0.01)); }
        _connections.Tick(At(13.2));
        Assert.Empty(_connections.Lines);

        _connections.Tick(At(13.3));
        Assert.Equal(["12.3 s  no connection to mqtt://broker: it closed (80 sessions)"], _connections.Lines);

        for (var s = 0; s < 80; s++) { Take(s, isConnected: true, 13.4 + (s * 0.01)); }
        _connections.Tick(At(15.1));
        _connections.Tick(At(15.2));
        _connections.Tick(At(99));

        Assert.Equal(
            ["12.3 s  no connection to mqtt://broker: it closed (80 sessions)", "14.2 s  connection is back"], _connections.Lines);
        Assert.Equal(80, _connections.Losses);
    }

    [Fact]
    public void The_server_is_named_once()
    {
        Connect(1, 0);
        Take(0, isConnected: false, 12.3, $"{Server}: it closed");
        _connections.End(At(20));

        Assert.Equal([Lost], _connections.Lines);
    }

    [Fact]
    public void Nothing_is_back_before_the_last_session_is()
    {
        Connect(2, 0);
        Take(0, isConnected: false, 12.3);
        _connections.Tick(At(14));
        Take(1, isConnected: false, 20);
        Take(0, isConnected: true, 21);
        _connections.Tick(At(40));

        Assert.Equal([Lost], _connections.Lines);
    }

    [Fact]
    public void Connections_that_come_and_go_within_a_second_are_one_loss_to_people()
    {
        Connect(1, 0);
        for (var i = 0; i < 20; i++)
        {
            Take(0, isConnected: false, 12.3 + (i * 0.9));
            Take(0, isConnected: true, 12.4 + (i * 0.9));
            _connections.Tick(At(12.5 + (i * 0.9)));
        }

        _connections.Tick(At(60));

        Assert.Equal([Lost, "29.5 s  connection is back"], _connections.Lines);
        Assert.Equal(20, _connections.Losses);
    }

    [Fact]
    public void A_session_that_finds_no_connection_has_none_to_lose_but_goes_without()
    {
        Connect(1, 0);
        Take(1, isConnected: false, 12.3);
        Take(1, isConnected: false, 13);
        _connections.Tick(At(14));
        Assert.Equal(["12.3 s  no connection to mqtt://broker: it closed (1 session)"], _connections.Lines);
        Assert.Equal(At(7.7), _connections.AwayFor(At(20)));

        Take(1, isConnected: true, 20);
        Assert.Null(_connections.AwayFor(At(20)));
        Take(2, isConnected: false, 21);
        _connections.End(At(60));

        Assert.Equal(0, _connections.Losses);
        Assert.Equal([true, true, false], _connections.Links.Select(l => l.IsBack));
    }

    [Fact]
    public void A_session_that_is_connected_anew_was_lost_though_nobody_saw_it()
    {
        Connect(1, 0);
        Take(0, isConnected: true, 12.3, "it closed");
        _connections.Tick(At(14));

        Assert.Equal([Lost, "12.3 s  connection is back"], _connections.Lines);
        Assert.Equal(1, _connections.LossesOf("user-000"));
    }

    [Fact]
    public void What_was_not_told_is_told_at_the_end_and_who_is_not_back_stands_in_the_facts()
    {
        Connect(3, 0);
        Take(0, isConnected: false, 12.3);
        Take(0, isConnected: true, 12.5);
        Take(1, isConnected: false, 12.4);
        _connections.End(At(12.6));

        Assert.Equal(["12.3 s  no connection to mqtt://broker: it closed (2 sessions)"], _connections.Lines);
        var links = _connections.Links.Select(l => (l.Name, l.Losses, Math.Round(l.CutOff.TotalSeconds, 3), l.IsBack));
        Assert.Equal([("user-000", 1, 0.2, true), ("user-001", 1, 0.2, false), ("user-002", 0, 0.0, true)], links);
        Assert.Equal(At(12.6), _connections.Ended);
    }

    [Fact]
    public void Time_without_all_of_its_sessions_is_counted_once()
    {
        _connections.Take("d", 0, Change(0, isConnected: true), At(0));
        _connections.Take("d", 1, Change(0, isConnected: true), At(0));
        _connections.Take("d", 0, Change(0, isConnected: false), At(10));
        _connections.Take("d", 1, Change(0, isConnected: false), At(11));
        _connections.Take("d", 0, Change(0, isConnected: true), At(12));
        _connections.Take("d", 1, Change(0, isConnected: true), At(14));

        Assert.Equal(new LinkFacts("d", 2, TimeSpan.FromSeconds(4), true), Assert.Single(_connections.Links));
    }

    [Fact]
    public void Nobody_waits_for_the_sessions_of_one_who_has_left()
    {
        Connect(2, 0);
        Take(0, isConnected: false, 12.3);
        _connections.Leave("user-000", At(13));
        Take(0, isConnected: false, 13.5);
        _connections.Leave("user-000", At(13.7));
        _connections.Leave("stranger", At(13.7));
        _connections.Tick(At(14));

        Assert.Equal([Lost, "13.0 s  connection is back"], _connections.Lines);
        Assert.Equal(1, _connections.Losses);
    }

    [Fact]
    public void The_page_gets_what_people_were_told()
    {
        Connect(1, 0);
        Take(0, isConnected: false, 12.3);
        Take(0, isConnected: true, 14);
        _connections.Tick(At(15));

        Assert.Equal([
            new ConnectionLost(Server, 1, "it closed") { Seconds = 12.3 },
            new ConnectionBack(Server, 1.7) { Seconds = 14 },
        ], _connections.Told);
    }

    [Fact]
    public async Task A_transport_is_listened_to_until_the_run_ends()
    {
        using var end = new CancellationTokenSource();
        var transport = new ScriptedTransport("mqtt://broker");
        transport.Tell(Change(0, isConnected: true));
        transport.Tell(Change(0, isConnected: false));
        var listening = _connections.ListenAsync("d", 0, transport, () => At(12.3), end.Token);
        Assert.False(listening.IsCompleted);

        await end.CancelAsync();
        await listening;
        _connections.End(At(13));

        Assert.Equal([Lost], _connections.Lines);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));

    private static ConnectionChange Change(int session, bool isConnected, string? reason = null) => new()
    {
        Transport = Server,
        Session = $"s{session}",
        IsConnected = isConnected,
        Reason = reason ?? (isConnected ? "" : "it closed"),
    };

    private void Connect(int sessions, double seconds)
    {
        for (var s = 0; s < sessions; s++) { Take(s, isConnected: true, seconds); }
    }

    private void Take(int session, bool isConnected, double seconds, string? reason = null) =>
        _connections.Take($"user-{session:000}", 0, Change(session, isConnected, reason), At(seconds));
}
