using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>One direction of a link: transfers queue, and outages stretch them.</summary>
internal sealed class LinkDirection(double bitsPerSecond, ImmutableArray<Outage> outages)
{
    private TimeSpan _free;

    internal long Bytes { get; private set; }

    internal long Transfers { get; private set; }

    /// <summary>Queues a transfer and says when its last bit has left.</summary>
    internal TimeSpan Send(TimeSpan now, int bytes)
    {
        Bytes += bytes;
        Transfers++;
        var start = now > _free ? now : _free;
        var left = double.IsPositiveInfinity(bitsPerSecond) ? TimeSpan.Zero : TimeSpan.FromTicks((long)Math.Ceiling(8.0 * bytes / bitsPerSecond * TimeSpan.TicksPerSecond));
        foreach (var outage in outages)
        {
            if (outage.To <= start) { continue; }
            if (start + left <= outage.From) { break; }
            if (start < outage.From) { left -= outage.From - start; }
            start = outage.To;
        }

        return _free = start + left;
    }
}
