using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>One direction of a link: transfers queue, and outages stretch them.</summary>
internal sealed class LinkDirection(double bitsPerSecond, ImmutableArray<Outage> outages)
{
    private TimeSpan _free;
    private int _nextOutage;

    internal long Bytes { get; private set; }

    /// <summary>Queues a transfer and says when its last bit has left.</summary>
    internal TimeSpan Send(TimeSpan now, int bytes)
    {
        Bytes += bytes;
        var start = now > _free ? now : _free;
        var left = VirtualTime.OfSeconds(8.0 * bytes / bitsPerSecond);
        for (; _nextOutage < outages.Length; _nextOutage++)
        {
            var outage = outages[_nextOutage];
            if (outage.To <= start) { continue; }
            if (start < outage.From)
            {
                if (start + left <= outage.From) { break; }
                left -= outage.From - start;
            }

            start = outage.To;
        }

        return _free = VirtualTime.Capped(start + left);
    }

    internal void Save(StateWriter writer)
    {
        writer.Write(_free.Ticks);
        writer.Write(_nextOutage);
        writer.Write(Bytes);
    }

    internal void Load(ref StateReader reader)
    {
        (_free, _nextOutage) = (new(reader.ReadInt64()), reader.ReadInt32(0, outages.Length));
        Bytes = reader.ReadInt64();
    }
}
