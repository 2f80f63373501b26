namespace StreamLearn.Mqtt;

/// <summary>The status of an <see cref="MqttBroker"/>. Counts start when it begins to listen.</summary>
public sealed record MqttBrokerStatus
{
    /// <summary>Open connections.</summary>
    public int Connections { get; init; }

    /// <summary>Sessions, connected or not.</summary>
    public int Sessions { get; init; }

    /// <summary>Queued messages.</summary>
    public long PendingMessages { get; init; }

    /// <summary>Size of the queued messages in bytes.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Connections refused or closed because there were too many.</summary>
    public long ConnectionsRefused { get; init; }

    /// <summary>Wrong logins, and session names of another login.</summary>
    public long LoginsRefused { get; init; }

    /// <summary>Forbidden or oversized packets; each closed its connection.</summary>
    public long PacketsRefused { get; init; }

    /// <summary>Messages and subscriptions refused for missing rights or limits.</summary>
    public long RequestsRefused { get; init; }

    /// <summary>Accepted messages that were dropped later: QoS 0 with a full queue, too large for the receiver, or of an ended
    /// session.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Sessions ended because of full queues; clients see a new session.</summary>
    public long SessionsEnded { get; init; }
}
