namespace StreamLearn.Simulation;

/// <summary>A link's traffic so far; transfers and repeats count in full when queued.</summary>
/// <param name="Bytes">Bytes carried.</param>
/// <param name="Busy">Virtual transfer time, without waits and outages.</param>
public readonly record struct LinkUse(long Bytes, TimeSpan Busy)
{
    /// <summary>Throughput while busy in bits per second; 0 without traffic, infinite if it took no time.</summary>
    public double BitsPerSecond => Bytes == 0 ? 0 : 8 * Bytes / Busy.TotalSeconds;

    /// <summary>Returns the traffic since an earlier moment.</summary>
    /// <param name="before">The earlier traffic.</param>
    public LinkUse Since(LinkUse before) => new(Bytes - before.Bytes, Busy - before.Busy);

    internal LinkUse With(LinkUse more) => new(Bytes + more.Bytes, VirtualTime.Capped(Busy + more.Busy));

    internal static LinkUse State(ref StateStream s, LinkUse use) => new(s.Value(use.Bytes), s.Value(use.Busy));
}
