using System.Runtime.CompilerServices;

namespace StreamLearn.Connections;

/// <summary>How the sessions of a transport stand, for all who listen. Nobody who tells waits for one who listens.</summary>
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

    /// <summary>The session has ended by itself: there is nothing to say of it any more.</summary>
    internal void Forget(string session)
    {
        lock (_lock) { _present.Remove(session); }
    }

    /// <summary>Lets every listener come to its end.</summary>
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

    /// <summary>What one listener has not read: of each session the newest change. Locked.</summary>
    private sealed class Listener
    {
        private readonly List<(ConnectionChange Change, bool IsNew)> _unread = [];

        internal Signal News { get; } = new();

        /// <summary>Adds a change, in place of the one of its session that waits. That the server had lost the session in between stays
        /// said.</summary>
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
