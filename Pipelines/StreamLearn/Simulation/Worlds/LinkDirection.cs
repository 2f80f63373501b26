namespace StreamLearn.Simulation;

/// <summary>One direction of a link. Transfers are queued, slow down with outages and rates, and arrive in order. <paramref name="tail"/>:
/// time that the radio stays on after a transfer.</summary>
internal sealed class LinkDirection(LinkProfile link, double bitsPerSecond, RandomStream random, TimeSpan tail = default)
{
    private readonly LinkDelay _delay = new(link, random);
    private TimeSpan _free;
    private TimeSpan _arrived;
    private int _nextOutage;
    private int _nextRate;
    private double _rate = 1;
    private TimeSpan _tails;            // total tail time that has ended
    private TimeSpan? _sent;            // when the device last sent over any link

    internal long Bytes { get; private set; }

    internal TimeSpan Busy { get; private set; }

    internal LinkUse Use => new(Bytes, Busy);

    internal TimeSpan TailsUntil(TimeSpan time) => _tails + TailUntil(time);

    /// <summary>Queues a transfer. <paramref name="media"/>: shared media that must also carry it before it has left.</summary>
    internal (TimeSpan Starts, TimeSpan Sent, TimeSpan Arrives) Send(TimeSpan now, int bytes, LinkDirection[]? media = null)
    {
        var busy = Busy;
        var (free, onMedia, delay) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        foreach (var medium in media ?? [])
        {
            var before = medium.Busy;
            now = medium.Serve(now, bytes);
            free = medium._free > free ? medium._free : free;
            onMedia = medium.Busy - before > onMedia ? medium.Busy - before : onMedia;
            delay = VirtualTime.Capped(delay + medium._delay.At(medium._free));
        }

        now = Serve(now, bytes);
        Leave(free > _free ? free : _free);
        Busy = busy + onMedia > Busy ? busy + onMedia : Busy;
        var arrives = VirtualTime.Capped(VirtualTime.Capped(_free + _delay.At(_free)) + delay);
        _arrived = arrives > _arrived ? arrives : _arrived;
        return (now, _free, _arrived);
    }

    /// <summary>Records that a transfer over another link kept the radio on.</summary>
    internal void SentElsewhere(TimeSpan starts, TimeSpan sent)
    {
        _tails += TailUntil(starts);
        _sent = _sent > sent ? _sent : sent;
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _free);
        s.Value(ref _arrived);
        s.Value(ref _nextOutage, 0, link.Outages.Length);
        s.Value(ref _nextRate, 0, link.RateTrace.Length);
        _delay.State(ref s);
        _rate = _nextRate == 0 ? 1 : link.RateTrace[_nextRate - 1].Speed;
        Bytes = s.Value(Bytes);
        Busy = s.Value(Busy);
        s.Value(ref _tails);
        s.Value(ref _sent);
        random.State(ref s);
    }

    private TimeSpan Serve(TimeSpan now, int bytes)
    {
        var starts = now > _free ? now : _free;
        var work = VirtualTime.OfSeconds(8.0 * bytes / bitsPerSecond);
        Carry(starts, work, bytes);
        while (link.Loss > 0 && random.NextDouble() < link.Loss)
        {
            Carry(VirtualTime.Capped(_free + LinkProfile.SentAgainAfter), work, bytes);
        }

        return starts;
    }

    private void Carry(TimeSpan start, TimeSpan work, int bytes)
    {
        _tails += TailUntil(start);
        Bytes += bytes;
        Leave(Carry(start, work));
    }

    private void Leave(TimeSpan time)
    {
        _free = time;
        if (Bytes > 0) { _sent = time; }
    }

    private TimeSpan TailUntil(TimeSpan time)
    {
        var since = time > _sent ? time - _sent.Value : TimeSpan.Zero;
        return since < tail ? since : tail;
    }

    private TimeSpan Carry(TimeSpan start, TimeSpan left)
    {
        for (; _nextOutage < link.Outages.Length; _nextOutage++)
        {
            var outage = link.Outages[_nextOutage];
            if (outage.To <= start) { continue; }
            if (start < outage.From)
            {
                (start, left) = CarryUntil(start, left, outage.From);
                if (left == TimeSpan.Zero) { return start; }
            }

            start = outage.To;
        }

        return CarryUntil(start, left, VirtualTime.Never).Time;
    }

    private (TimeSpan Time, TimeSpan Left) CarryUntil(TimeSpan start, TimeSpan left, TimeSpan end)
    {
        var rates = link.RateTrace;
        while (true)
        {
            for (; _nextRate < rates.Length && rates[_nextRate].At <= start; _nextRate++) { _rate = rates[_nextRate].Speed; }
            var until = _nextRate < rates.Length && rates[_nextRate].At < end ? rates[_nextRate].At : end;
            var needs = _rate == 1 ? left : VirtualTime.OfSeconds(left.TotalSeconds / _rate);
            var ends = start + needs <= until || until == VirtualTime.Never;
            Busy = VirtualTime.Capped(Busy + (ends ? needs : until - start));
            if (ends) { return (VirtualTime.Capped(start + needs), TimeSpan.Zero); }
            left -= _rate == 1 ? until - start : VirtualTime.OfSeconds((until - start).TotalSeconds * _rate);
            start = until;
            if (start == end) { return (start, left); }
        }
    }
}
