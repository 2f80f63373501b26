namespace StreamLearn.Connections;

/// <summary>Publishes when a link connects and first loses its connection. Call it while holding the link's lock.
/// <paramref name="filter"/>: its subscription; null if it publishes.</summary>
internal sealed class LinkNews(string transport, string session, string? filter, ConnectionNews news)
{
    private bool? _isConnected;
    private long _connects;

    internal void Connected(bool isKept)
    {
        _connects++;
        Tell(isConnected: true, isKept, "");
    }

    internal bool Lost(string reason)
    {
        var was = _isConnected;
        if (was != false) { Tell(isConnected: false, isKept: false, reason); }
        return was == true;
    }

    internal void Left() => news.Forget(session);

    private void Tell(bool isConnected, bool isKept, string reason)
    {
        _isConnected = isConnected;
        news.Add(new()
        {
            Transport = transport,
            Session = session,
            Subscription = filter,
            IsConnected = isConnected,
            Connects = _connects,
            SessionKept = isKept,
            Reason = reason,
        });
    }
}
