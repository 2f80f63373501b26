namespace StreamLearn.Simulation;

/// <summary>The traffic of a link so far. Transfers and their repetitions count in full when they are queued.</summary>
/// <param name="Bytes">Bytes carried.</param>
/// <param name="Busy">Virtual time of transfers, without waits and outages.</param>
public readonly record struct LinkUse(long Bytes, TimeSpan Busy)
{
    /// <summary>Throughput while busy in bits per second; 0 without traffic, infinite if the traffic took no time.</summary>
    public double BitsPerSecond => Bytes == 0 ? 0 : 8 * Bytes / Busy.TotalSeconds;

    /// <summary>Returns the traffic since an earlier moment.</summary>
    public LinkUse Since(LinkUse before) => new(Bytes - before.Bytes, Busy - before.Busy);

    internal LinkUse With(LinkUse more) => new(Bytes + more.Bytes, VirtualTime.Capped(Busy + more.Busy));

    internal static LinkUse State(ref StateStream s, LinkUse use) => new(s.Value(use.Bytes), s.Value(use.Busy));
}
