namespace StreamLearn.Connections;

/// <summary>What a link tells of its connections: that it has one, and the first time that it has none. Locked by the link.
/// <paramref name="filter"/>: what it subscribes to; null: it publishes.</summary>
internal sealed class LinkNews(string transport, string session, string? filter, ConnectionNews news)
{
    private bool? _isConnected;
    private long _connects;

    internal void Connected(bool isKept)
    {
        _connects++;
        Tell(isConnected: true, isKept, "");
    }

    /// <summary>Tells that there is no connection, if that is not known.</summary>
    internal bool Lost(string reason)
    {
        var was = _isConnected;
        if (was != false) { Tell(isConnected: false, isKept: false, reason); }
        return was == true;
    }

    /// <summary>The session has ended, and nobody misses it.</summary>
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
