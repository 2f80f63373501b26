namespace StreamLearn.Simulation;

/// <summary>A token bucket followed by a delay. A message leaves once there are tokens for its bits.</summary>
internal sealed class PlayedDirection(LinkProfile link, double bitsPerSecond, int burstBytes, RandomStream random)
{
    private readonly LinkDelay _delay = new(link, random);
    private double _bits = 8.0 * burstBytes;
    private double _share = 1;
    private TimeSpan _time;     // virtual time of the state; nothing leaves before this time
    private TimeSpan _arrived;
    private int _nextOutage;
    private int _nextRate;

    internal (TimeSpan Left, TimeSpan Arrives) Send(TimeSpan now, long bytes)
    {
        var bits = 8.0 * bytes;
        var left = Take(now, bits);
        while (link.Loss > 0 && random.NextDouble() < link.Loss)
        {
            left = Take(VirtualTime.Capped(left + LinkProfile.SentAgainAfter), bits);
        }

        var arrives = VirtualTime.Capped(left + _delay.At(left));
        _arrived = arrives > _arrived ? arrives : _arrived;
        return (left, _arrived);
    }

    private TimeSpan Take(TimeSpan from, double bits)
    {
        while (_time < from)
        {
            var until = NextChange(out var carries);
            until = until < from ? until : from;
            if (carries) { _bits = Math.Min(8.0 * burstBytes, _bits + Carried(until - _time)); }
            _time = until;
        }

        while (true)
        {
            var until = NextChange(out var carries);
            if (carries && (_bits >= bits || double.IsPositiveInfinity(bitsPerSecond)))
            {
                _bits = Math.Max(0, _bits - bits);
                return _time;
            }

            var ends = carries ? VirtualTime.Capped(_time + VirtualTime.OfSeconds((bits - _bits) / Rate)) : VirtualTime.Never;
            if (ends <= until)
            {
                (_time, _bits) = (ends, 0);
                return ends;
            }

            _bits += carries ? Carried(until - _time) : 0;
            _time = until;
        }
    }

    private double Rate => bitsPerSecond * _share;

    private double Carried(TimeSpan time) => time == TimeSpan.Zero ? 0 : Rate * time.TotalSeconds;

    private TimeSpan NextChange(out bool carries)
    {
        for (; _nextRate < link.RateTrace.Length && link.RateTrace[_nextRate].At <= _time; _nextRate++)
        {
            _share = link.RateTrace[_nextRate].Speed;
        }

        while (_nextOutage < link.Outages.Length && link.Outages[_nextOutage].To <= _time) { _nextOutage++; }
        var change = _nextRate < link.RateTrace.Length ? link.RateTrace[_nextRate].At : VirtualTime.Never;
        var outage = _nextOutage < link.Outages.Length ? link.Outages[_nextOutage] : new(VirtualTime.Never, VirtualTime.Never);
        carries = outage.From > _time || outage.From == VirtualTime.Never;
        var edge = carries ? outage.From : outage.To;
        return edge < change ? edge : change;
    }
}
