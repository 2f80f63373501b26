using System.Runtime.CompilerServices;

namespace StreamLearn.Connections;

/// <summary>Publishes the state of a transport's sessions; publishers never wait for listeners.</summary>
internal sealed class ConnectionNews
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ConnectionChange> _present = new(StringComparer.Ordinal);
    private readonly List<Listener> _listeners = [];
    private bool _hasEnded;

    internal void Add(ConnectionChange change)
    {
        lock (_lock)
        {
            _present[change.Session] = change;
            foreach (var listener in _listeners) { listener.Add(change); }
        }
    }

    internal void Forget(string session)
    {
        lock (_lock) { _present.Remove(session); }
    }

    internal void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            foreach (var listener in _listeners) { listener.News.Raise(); }
        }
    }

    internal async IAsyncEnumerable<ConnectionChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listener = new Listener();
        lock (_lock)
        {
            foreach (var change in _present.Values) { listener.Add(change); }
            _listeners.Add(listener);
        }

        using var registration = cancellationToken.UnsafeRegister(static news => ((Signal)news!).Raise(), listener.News);
        try
        {
            while (true)
            {
                while (TryTake(listener, out var change)) { yield return change; }
                if (cancellationToken.IsCancellationRequested || Volatile.Read(ref _hasEnded)) { yield break; }
                await listener.News.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_lock) { _listeners.Remove(listener); }
        }
    }

    private bool TryTake(Listener listener, out ConnectionChange change)
    {
        lock (_lock) { return listener.TryTake(out change); }
    }

    /// <summary>The changes that a listener has not read, the newest per session. Call it while holding the lock.</summary>
    private sealed class Listener
    {
        private readonly List<(ConnectionChange Change, bool IsNew)> _unread = [];

        internal Signal News { get; } = new();

        /// <summary>Replaces the unread change of a session, but keeps the report that the server lost the session.</summary>
        internal void Add(ConnectionChange change)
        {
            var isNew = change is { IsConnected: true, SessionKept: false };
            var at = _unread.FindIndex(u => u.Change.Session == change.Session);
            if (at >= 0)
            {
                isNew |= _unread[at].IsNew;
                _unread.RemoveAt(at);
            }

            _unread.Add((change with { SessionKept = change.IsConnected && !isNew }, isNew));
            News.Raise();
        }

        internal bool TryTake(out ConnectionChange change)
        {
            change = _unread.Count > 0 ? _unread[0].Change : null!;
            if (change is null) { return false; }
            _unread.RemoveAt(0);
            return true;
        }
    }
}
