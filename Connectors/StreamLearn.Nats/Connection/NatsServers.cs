namespace StreamLearn.Nats;

/// <summary>The servers that may be tried, in turn: those of the settings, then those that servers tell of. Locked by its owner.</summary>
internal sealed class NatsServers
{
    private const int MaxTold = 64;
    private readonly List<NatsServer> _servers;
    private readonly int _own;
    private int _next;

    internal NatsServers(IEnumerable<NatsServer> own)
    {
        _servers = [.. own];
        _own = _servers.Count;
    }

    /// <summary>How many there are.</summary>
    internal int Count => _servers.Count;

    /// <summary>The one that is tried next, which then goes behind all others.</summary>
    internal NatsServer Next()
    {
        if (_next >= _servers.Count) { _next = 0; }
        return _servers[_next++];
    }

    /// <summary>Those that a server has just told of take the place of those that were told of before.</summary>
    /// <param name="told">As <c>host:port</c>.</param>
    /// <param name="by">Who tells.</param>
    internal void Told(IEnumerable<string> told, NatsServer by)
    {
        var present = _next < _servers.Count ? _servers[_next] : null;
        _servers.RemoveRange(_own, _servers.Count - _own);
        foreach (var server in told.Select(t => NatsServer.Told(t, by)).OfType<NatsServer>().Take(MaxTold))
        {
            if (!_servers.Exists(s => s.Host == server.Host && s.Port == server.Port)) { _servers.Add(server); }
        }

        _next = present is null ? _servers.Count : Math.Max(0, _servers.FindIndex(s => s.Host == present.Host && s.Port == present.Port));
    }
}
