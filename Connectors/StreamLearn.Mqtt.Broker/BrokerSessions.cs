using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace StreamLearn.Mqtt;

/// <summary>The owners and queues of the sessions. It ends sessions whose queues are too large.</summary>
internal sealed class BrokerSessions(MqttBrokerOptions options, TimeProvider time, BrokerCounts counts, Func<string, Task> deleteAsync)
    : IDisposable
{
    private const long MaxFilterBytes = 64 << 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, BrokerSession> _sessions = new(StringComparer.Ordinal);
    private TaskCompletionSource? _room;
    private long _messages, _bytes;
    private bool _isOver;

    internal bool HoldsBack
    {
        get
        {
            lock (_gate) { return _sessions.Values.Any(static s => s.HeldBack > 0); }
        }
    }

    public void Dispose() => _opening.Dispose();

    internal void End()
    {
        lock (_gate) { _isOver = true; }
    }

    internal MqttBrokerStatus AddTo(MqttBrokerStatus status)
    {
        lock (_gate) { return status with { Sessions = _sessions.Count, PendingMessages = _messages, PendingBytes = _bytes }; }
    }

    /// <summary>Waits until the earlier connection has closed, because two readers of an MQTTnet session would lose messages.</summary>
    internal async Task<MqttConnectReasonCode?> OpenAsync(
        BrokerConnection connection, string clientId, string? userName, bool isClean, CancellationToken cancellationToken)
    {
        BrokerSession? session;
        BrokerConnection? earlier;
        if (Expired(clientId) is { } expired) { await DeleteAsync(expired, IsExpired).ConfigureAwait(false); }
        if (Surplus(clientId, userName) is { } longest) { await EndAwayAsync(longest).ConfigureAwait(false); }
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);      // an expired session is not deleted while one is opened
        try
        {
            lock (_gate)
            {
                var isKnown = _sessions.TryGetValue(clientId, out session);
                if (isKnown && session!.UserName != userName) { return MqttConnectReasonCode.ClientIdentifierNotValid; }
                if (!isKnown && IsFull(userName)) { return MqttConnectReasonCode.QuotaExceeded; }
                if (session?.Connection is null && (ConnectedBy(null) >= options.MaxConnections
                    || (userName is not null && ConnectedBy(userName) >= MaxConnectionsOfLogin)))
                {
                    return MqttConnectReasonCode.QuotaExceeded;
                }

                session ??= new(clientId, userName);
                _sessions[clientId] = connection.Session = session;
                (earlier, session.Connection) = (session.Connection, connection);
            }
        }
        finally { _opening.Release(); }

        if (earlier is not null)
        {
            earlier.Close();
            await earlier.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (session.Connection != connection) { return MqttConnectReasonCode.ClientIdentifierNotValid; }
            DropPassing(session);
            if (isClean) { Change(session, 0, static (s, _) => s.Clear()); }
            (session.IsEnding, session.MaxPacketBytes) = (false, connection.MaxPacketBytes);
            session.BeginProgress(time.GetTimestamp());
            return null;
        }
    }

    internal void Leave(BrokerConnection connection)
    {
        lock (_gate)
        {
            if (connection.Session is not { } session || session.Connection != connection) { return; }
            (session.Connection, session.Expiry, session.LeftAt) = (null, connection.Expiry, time.GetTimestamp());
            DropPassing(session);
            if (session.IsEnding) { _sessions.Remove(session.ClientId); }
        }
    }

    internal void Forget(string clientId)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(clientId, out var session)) { return; }
            Change(session, 0, static (s, _) => s.Clear());
            session.IsEnding = true;
            if (session.Connection is null) { _sessions.Remove(clientId); }
        }
    }

    internal bool HearsReasons(string clientId)
    {
        lock (_gate)
        {
            return _sessions.TryGetValue(clientId, out var session)
                && session.Connection?.PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;
        }
    }

    internal bool Subscribe(string clientId, string filter, int qos)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(clientId, out var session)) { return false; }
            var left = MaxFilterBytes - _sessions.Values.Sum(static s => s.FilterBytes);
            if (session.UserName is { } login) { left = Math.Min(left, (MaxFilterBytes / 4) - Of(login).Sum(static s => s.FilterBytes)); }
            return session.Subscribe(filter, qos, left);
        }
    }

    internal void Unsubscribe(string clientId, string filter)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue(clientId, out var session)) { session.Unsubscribe(filter); }
        }
    }

    internal void Release(string clientId, MqttPublishPacket packet)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(clientId, out var session)) { return; }
            session.Progress(time.GetTimestamp());
            Change(session, packet, static (s, p) =>
                s.Release((int)p.QualityOfServiceLevel, MessageBytes.Kept(p.Topic, p.Payload.Length, p.UserProperties)));
        }
    }

    /// <summary>If the queue is full, QoS 0 messages are dropped; otherwise the publisher is blocked while the client acknowledges. A
    /// client that does not acknowledge loses its session, which shows it that messages were lost.</summary>
    internal async Task<bool> AdmitAsync(string sender, string clientId, MqttApplicationMessage message)
    {
        var bytes = MessageBytes.Kept(message.Topic, message.Payload.Length, message.UserProperties);
        var packetBytes = MessageBytes.OfPacket(message);
        while (true)
        {
            Task room;
            BrokerSession? victim, full, heldBack = null;
            long began;
            lock (_gate)
            {
                if (_isOver || !_sessions.TryGetValue(clientId, out var session) || session.IsEnding) { return Drop(); }
                var qos = session.QosOf(message.Topic, (int)message.QualityOfServiceLevel);
                if (packetBytes > session.MaxPacketBytes) { return Drop(); }
                var fits = _bytes + bytes <= options.MaxPendingBytes || _bytes == 0;
                var readsNothing = session.Connection is not null && (sender == clientId || sender.Length == 0 || session.HeldBack > 0);
                if (fits && HasRoom(session, bytes, readsNothing ? 2 : 1))
                {
                    if (session.Messages == 0) { session.BeginProgress(time.GetTimestamp()); }
                    Change(session, (qos, bytes), static (s, m) => s.Add(m.qos, m.bytes));
                    return true;
                }

                if (qos == 0) { return Drop(); }
                victim = !fits ? Stuck(options.Patience / 10)
                    : readsNothing || IsStuck(session, options.Patience) || session.HeldOthers >= options.Patience / 10 ? session : null;
                if (victim?.Connection is { } connection)
                {
                    End(victim);
                    connection.EndSession();        // its own handler deletes the session, so that it cannot delete a later one
                    continue;
                }

                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                if (victim is null && _sessions.TryGetValue(sender, out heldBack)) { heldBack.HeldBack++; }
                (full, began) = (session, time.GetTimestamp());
            }

            if (victim is not null) { await EndAwayAsync(victim).ConfigureAwait(false); }
            else { await WaitAsync(room, heldBack, full, began).ConfigureAwait(false); }
        }
    }

    internal async Task ExpireAsync()
    {
        BrokerSession[] away;
        lock (_gate) { away = [.. _sessions.Values.Where(IsExpired)]; }
        foreach (var session in away) { await DeleteAsync(session, IsExpired).ConfigureAwait(false); }
    }

    private int MaxSessions => 2 * options.MaxConnections;

    private int MaxConnectionsOfLogin => Math.Max(1, options.MaxConnections / 2);

    private bool IsExpired(BrokerSession session) => session.Connection is null && time.GetElapsedTime(session.LeftAt) > session.Expiry;

    private Task EndAwayAsync(BrokerSession session) => DeleteAsync(session, away =>
    {
        if (away.Connection is not null) { return false; }
        End(away);
        return true;
    });

    /// <summary>Returns true if a session has space, within <c>times</c> its limit and a quarter of all bytes.</summary>
    private bool HasRoom(BrokerSession session, long bytes, int times) => session.Messages < times * (long)options.MaxPendingMessages
        && (session.Messages == 0 || session.Bytes + bytes <= times * (options.MaxPendingBytes / 4));

    private IEnumerable<BrokerSession> Of(string userName) => _sessions.Values.Where(s => s.UserName == userName);

    /// <summary>Null: of all users.</summary>
    private int ConnectedBy(string? userName) =>
        (userName is null ? _sessions.Values : Of(userName)).Count(static s => s.Connection is not null);

    private bool IsFull(string? userName) =>
        _sessions.Count >= MaxSessions || (userName is not null && Of(userName).Count() >= MaxSessions / 2);

    private BrokerSession? Expired(string clientId)
    {
        lock (_gate) { return _sessions.TryGetValue(clientId, out var session) && IsExpired(session) ? session : null; }
    }

    /// <summary>Returns the session to end for a new one, which was disconnected longest: of the same login if it has its half, otherwise
    /// of the login with the most disconnected sessions. Null if there is none.</summary>
    private BrokerSession? Surplus(string clientId, string? userName)
    {
        lock (_gate)
        {
            if (_sessions.ContainsKey(clientId) || !IsFull(userName)) { return null; }
            var away = _sessions.Values.Where(static s => s.Connection is null).ToLookup(static s => s.UserName, StringComparer.Ordinal);
            var ofMost = _sessions.Count < MaxSessions ? away[userName] : away.MaxBy(static g => g.Count());
            return ofMost?.MinBy(static s => s.LeftAt);
        }
    }

    private async Task DeleteAsync(BrokerSession session, Func<BrokerSession, bool> isOver)
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                if (_sessions.GetValueOrDefault(session.ClientId) != session || !isOver(session)) { return; }
            }

            await deleteAsync(session.ClientId).ConfigureAwait(false);
            Forget(session.ClientId);
        }
        finally { _opening.Release(); }
    }

    private void End(BrokerSession session)
    {
        counts.EndSession();
        counts.Drop(session.Messages);
        Change(session, 0, static (s, _) => s.Clear());
        session.IsEnding = true;
    }

    /// <summary>Counts QoS 0 messages that MQTTnet drops with the connection.</summary>
    private void DropPassing(BrokerSession session)
    {
        counts.Drop(session.Passing);
        Change(session, 0, static (s, _) => s.ClearPassing());
    }

    private bool Drop()
    {
        counts.Drop(1);
        return false;
    }

    private bool IsStuck(BrokerSession session, TimeSpan patience) =>
        session.Connection is null || time.GetElapsedTime(session.ProgressAt) >= patience;

    /// <summary>The session to end when all queues are too large: the largest of the login with the most; null if it makes
    /// progress.</summary>
    private BrokerSession? Stuck(TimeSpan patience)
    {
        var most = _sessions.Values.GroupBy(static s => s.UserName ?? s.ClientId, StringComparer.Ordinal)
            .MaxBy(static g => g.Sum(static s => s.Bytes))?.MaxBy(static s => s.Bytes);
        return most is not null && IsStuck(most, patience) ? most : null;
    }

    /// <summary>Call it while holding the gate.</summary>
    private void Change<T>(BrokerSession session, T argument, Action<BrokerSession, T> change)
    {
        var (messages, bytes) = (session.Messages, session.Bytes);
        change(session, argument);
        (_messages, _bytes) = (_messages + session.Messages - messages, _bytes + session.Bytes - bytes);
        if (session.Messages >= messages) { return; }
        if (session.Messages <= options.MaxPendingMessages / 2 && session.Bytes <= options.MaxPendingBytes / 8)
        {
            session.HeldOthers = TimeSpan.Zero;
        }

        _room?.SetResult();
        _room = null;
    }

    private async Task WaitAsync(Task room, BrokerSession? heldBack, BrokerSession full, long began)
    {
        try { await room.WaitAsync(Look, time).ConfigureAwait(false); }
        catch (TimeoutException)
        {
            // the next check decides
        }

        if (heldBack is null) { return; }
        lock (_gate)
        {
            heldBack.HeldBack--;
            if (heldBack.UserName != full.UserName) { full.HeldOthers += time.GetElapsedTime(began); }
        }
    }
}
