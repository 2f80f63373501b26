namespace StreamLearn.Mqtt;

/// <summary>Thread-safe counters.</summary>
internal sealed class BrokerCounts
{
    private long _connectionsRefused, _loginsRefused, _packetsRefused, _requestsRefused, _messagesDropped, _sessionsEnded;

    internal void RefuseConnection() => Interlocked.Increment(ref _connectionsRefused);

    internal void RefuseLogin() => Interlocked.Increment(ref _loginsRefused);

    internal void RefusePacket() => Interlocked.Increment(ref _packetsRefused);

    internal void RefuseRequest() => Interlocked.Increment(ref _requestsRefused);

    internal void Drop(long messages) => Interlocked.Add(ref _messagesDropped, messages);

    internal void EndSession() => Interlocked.Increment(ref _sessionsEnded);

    internal MqttBrokerStatus Status() => new()
    {
        ConnectionsRefused = Volatile.Read(ref _connectionsRefused),
        LoginsRefused = Volatile.Read(ref _loginsRefused),
        PacketsRefused = Volatile.Read(ref _packetsRefused),
        RequestsRefused = Volatile.Read(ref _requestsRefused),
        MessagesDropped = Volatile.Read(ref _messagesDropped),
        SessionsEnded = Volatile.Read(ref _sessionsEnded),
    };
}
