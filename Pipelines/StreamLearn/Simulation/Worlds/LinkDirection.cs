namespace StreamLearn.Simulation;

/// <summary>One direction of a link: transfers queue, outages and slower times stretch them, and messages arrive in the order in which they
/// were sent. <paramref name="tail"/>: how long the radio stays on after a transfer.</summary>
internal sealed class LinkDirection(LinkProfile link, double bitsPerSecond, RandomStream random, TimeSpan tail = default)
{
    /// <summary>The shortest time after which TCP sends again what nobody confirms (RFC 6298 as Linux has it).</summary>
    private static readonly TimeSpan SentAgainAfter = TimeSpan.FromMilliseconds(200);

    private TimeSpan _free;
    private TimeSpan _arrived;
    private int _nextOutage;
    private int _nextRate;
    private int _nextDelay;
    private double _rate = 1;
    private TimeSpan _delay = link.Delay;
    private TimeSpan _tails;            // those that have ended

    internal long Bytes { get; private set; }

    /// <summary>Time in which it carried something; a transfer counts when it is queued.</summary>
    internal TimeSpan Busy { get; private set; }

    /// <summary>Time in which the radio was still on after transfers, until a time.</summary>
    internal TimeSpan TailsUntil(TimeSpan time) => _tails + TailUntil(time);

    /// <summary>Queues a transfer and says when its last bit has left, and when it arrives.</summary>
    internal (TimeSpan Sent, TimeSpan Arrives) Send(TimeSpan now, int bytes)
    {
        var work = VirtualTime.OfSeconds(8.0 * bytes / bitsPerSecond);
        Carry(now > _free ? now : _free, work, bytes);
        while (link.Loss > 0 && random.NextDouble() < link.Loss) { Carry(VirtualTime.Capped(_free + SentAgainAfter), work, bytes); }

        var arrives = VirtualTime.Capped(_free + DelayAt(_free));
        _arrived = arrives > _arrived ? arrives : _arrived;
        return (_free, _arrived);
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _free);
        s.Value(ref _arrived);
        s.Value(ref _nextOutage, 0, link.Outages.Length);
        s.Value(ref _nextRate, 0, link.RateTrace.Length);
        s.Value(ref _nextDelay, 0, link.DelayTrace.Length);
        _rate = _nextRate == 0 ? 1 : link.RateTrace[_nextRate - 1].Speed;
        _delay = _nextDelay == 0 ? link.Delay : link.DelayTrace[_nextDelay - 1].Delay;
        Bytes = s.Value(Bytes);
        Busy = s.Value(Busy);
        s.Value(ref _tails);
        random.State(ref s);
    }

    private void Carry(TimeSpan start, TimeSpan work, int bytes)
    {
        _tails += TailUntil(start);
        Bytes += bytes;
        _free = Carry(start, work);
    }

    /// <summary>How long the radio has stayed on since the last transfer.</summary>
    private TimeSpan TailUntil(TimeSpan time)
    {
        var since = Bytes > 0 && time > _free ? time - _free : TimeSpan.Zero;
        return since < tail ? since : tail;
    }

    /// <summary>When work that begins at a time is done: its time is that at full rate.</summary>
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

    /// <summary>Works, at the rates of the trace, until it is done or a time has come.</summary>
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

    private TimeSpan DelayAt(TimeSpan time)
    {
        var delays = link.DelayTrace;
        for (; _nextDelay < delays.Length && delays[_nextDelay].At <= time; _nextDelay++) { _delay = delays[_nextDelay].Delay; }
        if (link.DelayDeviation == TimeSpan.Zero) { return _delay; }
        var seconds = _delay.TotalSeconds + (link.DelayDeviation.TotalSeconds * random.NextGaussian());
        return VirtualTime.OfSeconds(Math.Max(0, seconds));
    }
}
