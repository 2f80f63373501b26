namespace StreamLearn.Tests;

/// <summary>When what was on the way may be lost.</summary>
public sealed class SessionWatchTests
{
    private readonly SessionWatch _watch = new();

    [Fact]
    public void A_session_that_came_back_without_what_was_on_the_way_is_lost_once()
    {
        Assert.False(_watch.Take(Change("s", 1)));
        Assert.False(_watch.Take(Change("s", 1, isConnected: false)));
        Assert.True(_watch.Take(Change("s", 2)));
        Assert.False(_watch.Take(Change("s", 2)));      // heard of twice
    }

    [Fact]
    public void One_that_was_kept_is_not_lost()
    {
        _watch.Take(Change("s", 1));
        Assert.False(_watch.Take(Change("s", 2) with { SessionKept = true }));
    }

    [Fact]
    public void It_waits_until_all_are_back()
    {
        _watch.Take(Change("a", 1));
        _watch.Take(Change("b", 1));
        _watch.Take(Change("b", 1, isConnected: false));
        Assert.False(_watch.Take(Change("a", 2)));
        Assert.False(_watch.AreConnected);
        Assert.True(_watch.Take(Change("b", 2) with { SessionKept = true }));
        Assert.True(_watch.AreConnected);
    }

    [Fact]
    public void Sessions_of_a_later_start_count_their_connections_from_the_beginning()
    {
        _watch.Take(Change("s", 5));
        Assert.False(_watch.Take(Change("s", 1)));
        Assert.True(_watch.Take(Change("s", 2)));
    }

    [Fact]
    public void Of_sessions_that_nobody_has_heard_of_none_is_connected() => Assert.False(_watch.AreConnected);

    private static ConnectionChange Change(string session, long connects, bool isConnected = true) =>
        new() { Transport = "t", Session = session, IsConnected = isConnected, Connects = connects };
}
