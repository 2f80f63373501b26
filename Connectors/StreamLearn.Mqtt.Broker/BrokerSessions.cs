using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace StreamLearn.Mqtt;

/// <summary>The sessions of a broker: to whom each belongs, how much waits for each and for all, and which one ends when that is too
/// much.</summary>
internal sealed class BrokerSessions(MqttBrokerOptions options, TimeProvider time, BrokerCounts counts, Func<string, Task> deleteAsync)
    : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, BrokerSession> _sessions = new(StringComparer.Ordinal);
    private TaskCompletionSource? _room;
    private long _messages, _bytes;

    /// <inheritdoc />
    public void Dispose() => _opening.Dispose();

    /// <summary>Adds how the sessions stand.</summary>
    internal MqttBrokerStatus AddTo(MqttBrokerStatus status)
    {
        lock (_gate) { return status with { Sessions = _sessions.Count, PendingMessages = _messages, PendingBytes = _bytes }; }
    }

    /// <summary>
    /// Gives a connection the session of its client. An earlier connection of the client is closed first and waited for: two that read
    /// one session of MQTTnet at a time would lose messages.
    /// </summary>
    /// <returns>False: the session belongs to another login, there are too many, or a later connection has taken it over.</returns>
    internal async Task<bool> OpenAsync(
        BrokerConnection connection, string clientId, string? userName, bool isClean, TimeSpan expiry, CancellationToken cancellationToken)
    {
        BrokerSession? session;
        BrokerConnection? earlier;
        if (Surplus(clientId) is { } longest) { await EndAwayAsync(longest).ConfigureAwait(false); }
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);      // an expired session is not deleted meanwhile
        try
        {
            lock (_gate)
            {
                var isKnown = _sessions.TryGetValue(clientId, out session);
                if (isKnown ? session!.UserName != userName : _sessions.Count >= MaxSessions) { return false; }
                session ??= new(clientId, userName);
                _sessions[clientId] = connection.Session = session;
                (earlier, session.Connection) = (session.Connection, connection);
            }
        }
        finally
        {
            _opening.Release();
        }

        if (earlier is not null)
        {
            earlier.Close();
            await earlier.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (session.Connection != connection) { return false; }
            DropPassing(session);
            if (isClean) { Change(session, 0, static (s, _) => s.Clear()); }
            (session.IsEnding, session.Expiry) = (false, expiry);
            return true;
        }
    }

    /// <summary>Notes that a connection has ended.</summary>
    internal void Leave(BrokerConnection connection)
    {
        lock (_gate)
        {
            if (connection.Session is not { } session || session.Connection != connection) { return; }
            (session.Connection, session.LeftAt) = (null, time.GetTimestamp());
            DropPassing(session);
            if (session.IsEnding) { _sessions.Remove(session.ClientId); }
        }
    }

    /// <summary>Forgets a session that MQTTnet has deleted.</summary>
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

    /// <summary>True if a client's answers have reasons.</summary>
    internal bool HearsReasons(string clientId)
    {
        lock (_gate)
        {
            return _sessions.TryGetValue(clientId, out var session)
                && session.Connection?.PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;
        }
    }

    /// <summary>Notes a subscription; false: the session has too many.</summary>
    internal bool Subscribe(string clientId, string filter, int qos)
    {
        lock (_gate) { return _sessions.TryGetValue(clientId, out var session) && session.Subscribe(filter, qos); }
    }

    internal void Unsubscribe(string clientId, string filter)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue(clientId, out var session)) { session.Unsubscribe(filter); }
        }
    }

    /// <summary>Takes a message off that a client has acknowledged, or was sent at QoS 0.</summary>
    internal void Release(string clientId, MqttPublishPacket packet)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(clientId, out var session)) { return; }
            session.ProgressAt = time.GetTimestamp();
            Change(session, packet, static (s, p) =>
                s.Release((int)p.QualityOfServiceLevel, BytesOf(p.Topic, p.Payload.Length, p.UserProperties)));
        }
    }

    /// <summary>
    /// Decides whether a message is put into a client's queue. Where too much waits, one of QoS 0 is dropped, and the publisher of another
    /// is held back as long as the client acknowledges. A client that is away, or acknowledges nothing, loses its session, so that it hears
    /// of what it lost.
    /// </summary>
    internal async Task<bool> AdmitAsync(string clientId, MqttApplicationMessage message)
    {
        var bytes = BytesOf(message.Topic, message.Payload.Length, message.UserProperties);
        while (true)
        {
            Task room;
            BrokerSession? victim;
            lock (_gate)
            {
                if (!_sessions.TryGetValue(clientId, out var session) || session.IsEnding) { return Drop(); }
                var qos = session.QosOf(message.Topic, (int)message.QualityOfServiceLevel);
                if (session.Connection is { } reader && bytes > reader.MaxPacketBytes) { return Drop(); }
                var isFull = session.Messages >= options.MaxPendingMessages;
                if (!isFull && (_bytes + bytes <= options.MaxPendingBytes || _bytes == 0))
                {
                    if (session.Messages == 0) { session.ProgressAt = time.GetTimestamp(); }
                    Change(session, (qos, bytes), static (s, m) => s.Add(m.qos, m.bytes));
                    return true;
                }

                if (qos == 0) { return Drop(); }
                victim = !isFull ? LargestStuck(options.Patience / 10) : IsStuck(session, options.Patience) ? session : null;
                if (victim?.Connection is { } connection)
                {
                    End(victim);
                    connection.EndSession();        // its own handler deletes the session, so that no later one is
                    continue;
                }

                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            if (victim is not null) { await EndAwayAsync(victim).ConfigureAwait(false); }
            else { await WaitAsync(room).ConfigureAwait(false); }
        }
    }

    /// <summary>Ends sessions that have been away for longer than they are kept.</summary>
    internal async Task ExpireAsync()
    {
        BrokerSession[] away;
        lock (_gate) { away = [.. _sessions.Values.Where(IsExpired)]; }
        foreach (var session in away) { await DeleteAsync(session, IsExpired).ConfigureAwait(false); }
    }

    private int MaxSessions => 2 * options.MaxConnections;

    /// <summary>What a message takes, with the objects that hold it.</summary>
    internal static long BytesOf(string topic, long payload, List<MqttUserProperty>? properties) =>
        payload + topic.Length + 128 + (properties?.Sum(static p => 64L + (2 * p.Name.Length) + p.ValueBuffer.Length) ?? 0);

    private bool IsExpired(BrokerSession session) => session.Connection is null && time.GetElapsedTime(session.LeftAt) > session.Expiry;

    private Task EndAwayAsync(BrokerSession session) => DeleteAsync(session, away =>
    {
        if (away.Connection is not null) { return false; }
        End(away);
        return true;
    });

    /// <summary>The session that has been away for longest, if there is no room for a new one; null: there is, or nobody is away.</summary>
    private BrokerSession? Surplus(string clientId)
    {
        lock (_gate)
        {
            return _sessions.Count < MaxSessions || _sessions.ContainsKey(clientId) ? null
                : _sessions.Values.Where(static s => s.Connection is null).MinBy(static s => s.LeftAt);
        }
    }

    /// <summary>Deletes a session whose client is away, and does not come back meanwhile.</summary>
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
        finally
        {
            _opening.Release();
        }
    }

    private void End(BrokerSession session)
    {
        counts.EndSession();
        counts.Drop(session.Messages);
        Change(session, 0, static (s, _) => s.Clear());
        session.IsEnding = true;
    }

    /// <summary>Counts what waited at QoS 0 for a connection that has ended: MQTTnet drops it.</summary>
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

    /// <summary>Of the sessions that make no progress, the one for which most waits; null: all do.</summary>
    private BrokerSession? LargestStuck(TimeSpan patience)
    {
        BrokerSession? largest = null;
        foreach (var session in _sessions.Values)
        {
            if (session.Bytes > (largest?.Bytes ?? 0) && IsStuck(session, patience)) { largest = session; }
        }

        return largest;
    }

    /// <summary>Changes what waits for a session; under the gate.</summary>
    private void Change<T>(BrokerSession session, T argument, Action<BrokerSession, T> change)
    {
        var (messages, bytes) = (session.Messages, session.Bytes);
        change(session, argument);
        (_messages, _bytes) = (_messages + session.Messages - messages, _bytes + session.Bytes - bytes);
        if (_room is null || session.Messages >= messages) { return; }
        _room.SetResult();
        _room = null;
    }

    private async Task WaitAsync(Task room)
    {
        try
        {
            await room.WaitAsync(Look, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // the next look decides
        }
    }
}
