namespace StreamLearn.Nats;

/// <summary>What a link has done, over all servers. Locked by its gate.</summary>
internal sealed class NatsCounters(Func<long> now)
{
    private long _published;
    private long _bytesOut;

    internal long Connects { get; set; }

    internal long Losses { get; set; }

    internal long Received { get; set; }

    internal long Published => Volatile.Read(ref _published);

    internal long BytesIn { get; set; }

    internal long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>Messages of others that were passed over because their headers are wrong.</summary>
    internal long Malformed { get; set; }

    /// <summary>Times that a server said that this client takes its messages too slowly.</summary>
    internal long SlowConsumer { get; set; }

    /// <summary>Messages that failed because no stream took their subjects.</summary>
    internal long Untaken { get; set; }

    /// <summary>The last fault; empty: there was none.</summary>
    internal string LastFault
    {
        get;
        set => (field, LastFaultAt) = (PrintableText.Of(value), now());
    } = "";

    /// <summary>A message was handed to the client. Not locked.</summary>
    internal void Sent(long bytes)
    {
        Interlocked.Increment(ref _published);
        Interlocked.Add(ref _bytesOut, bytes);
    }

    /// <summary>When that was, by the clock of the link.</summary>
    internal long LastFaultAt { get; private set; }
}
