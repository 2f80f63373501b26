namespace StreamLearn.Mqtt;

/// <summary>How an <see cref="MqttBroker"/> stands; counts are since it began to listen.</summary>
public sealed record MqttBrokerStatus
{
    /// <summary>Connections that are open now.</summary>
    public int Connections { get; init; }

    /// <summary>Sessions that are kept now, with and without a connection.</summary>
    public int Sessions { get; init; }

    /// <summary>Messages that wait for clients now.</summary>
    public long PendingMessages { get; init; }

    /// <summary>Bytes of these.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Connections that were refused or closed, as there were too many.</summary>
    public long ConnectionsRefused { get; init; }

    /// <summary>Logins that were wrong, and names of sessions that belong to another login.</summary>
    public long LoginsRefused { get; init; }

    /// <summary>Packets that no client may send, or that were too large; each ended its connection.</summary>
    public long PacketsRefused { get; init; }

    /// <summary>Messages and subscriptions that were refused for want of a right, or as too many.</summary>
    public long RequestsRefused { get; init; }

    /// <summary>Messages that were taken and then dropped: of QoS 0 where too much waited, too large for their receiver, or of a session
    /// that ended because too much waited for it.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Sessions that ended because too much waited for them; their clients are told that the session is new.</summary>
    public long SessionsEnded { get; init; }
}
