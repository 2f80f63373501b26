namespace StreamLearn.Nats;

/// <summary>What a connection has done, over all servers. Locked by its gate.</summary>
/// <param name="now">The clock of the connection, milliseconds.</param>
internal sealed class NatsCounters(Func<long> now)
{
    internal long Connects { get; set; }

    internal long Losses { get; set; }

    internal long Received { get; set; }

    internal long Published { get; set; }

    internal long BytesIn { get; set; }

    internal long BytesOut { get; set; }

    /// <summary>Messages of others that were passed over because their subject or headers are wrong.</summary>
    internal long Malformed { get; set; }

    /// <summary>Times that a server said that this client takes its messages too slowly.</summary>
    internal long SlowConsumer { get; set; }

    /// <summary>Messages that failed because no stream took their subjects.</summary>
    internal long Untaken { get; set; }

    /// <summary>The last fault; empty: there was none.</summary>
    internal string LastFault
    {
        get;
        set => (field, LastFaultAt) = (value, now());
    } = "";

    /// <summary>When that was, by the clock of the connection.</summary>
    internal long LastFaultAt { get; private set; }
}
