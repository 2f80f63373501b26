namespace StreamLearn.Nats;

/// <summary>Counts over all servers. Use it while holding the link's lock.</summary>
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

    internal long Malformed { get; set; }

    internal long SlowConsumer { get; set; }

    internal long Untaken { get; set; }

    internal string LastFault
    {
        get;
        set => (field, LastFaultAt) = (PrintableText.Of(value), now());
    } = "";

    /// <summary>Called without holding the lock.</summary>
    internal void Sent(long bytes)
    {
        Interlocked.Increment(ref _published);
        Interlocked.Add(ref _bytesOut, bytes);
    }

    /// <summary>Time of the last fault by the link's clock.</summary>
    internal long LastFaultAt { get; private set; }
}
