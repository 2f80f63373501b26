namespace StreamLearn.Simulation;

/// <summary>What a link has carried so far. A transfer counts in full as soon as it is queued, and again each time it is
/// repeated.</summary>
/// <param name="Bytes">Bytes carried.</param>
/// <param name="Busy">Virtual time in which it carried them, without waits and outages.</param>
public readonly record struct LinkUse(long Bytes, TimeSpan Busy)
{
    /// <summary>The throughput while it was busy, in bits per second; 0 if it carried nothing, infinite if that took no time.</summary>
    public double BitsPerSecond => Bytes == 0 ? 0 : 8 * Bytes / Busy.TotalSeconds;

    /// <summary>What it has carried since an earlier moment.</summary>
    /// <param name="before">What it had carried then.</param>
    public LinkUse Since(LinkUse before) => new(Bytes - before.Bytes, Busy - before.Busy);

    internal LinkUse With(LinkUse more) => new(Bytes + more.Bytes, VirtualTime.Capped(Busy + more.Busy));

    internal static LinkUse State(ref StateStream s, LinkUse use) => new(s.Value(use.Bytes), s.Value(use.Busy));
}
