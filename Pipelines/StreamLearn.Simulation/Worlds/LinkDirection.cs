namespace StreamLearn.Simulation;

/// <summary>One direction of a link: transfers queue, outages and slower times stretch them, and messages arrive in the order in which they
/// were sent.</summary>
/// <param name="link">The link.</param>
/// <param name="bitsPerSecond">Its rate in this direction.</param>
/// <param name="random">Where delays and losses come from.</param>
internal sealed class LinkDirection(LinkProfile link, double bitsPerSecond, RandomStream random)
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

    internal long Bytes { get; private set; }

    /// <summary>Queues a transfer and says when its last bit has left, and when it arrives.</summary>
    internal (TimeSpan Sent, TimeSpan Arrives) Send(TimeSpan now, int bytes)
    {
        var work = VirtualTime.OfSeconds(8.0 * bytes / bitsPerSecond);
        Bytes += bytes;
        _free = Carry(now > _free ? now : _free, work);
        while (link.Loss > 0 && random.NextDouble() < link.Loss)
        {
            Bytes += bytes;
            _free = Carry(VirtualTime.Capped(_free + SentAgainAfter), work);
        }

        var arrives = VirtualTime.Capped(_free + DelayAt(_free));
        _arrived = arrives > _arrived ? arrives : _arrived;
        return (_free, _arrived);
    }

    internal void Save(StateWriter writer)
    {
        writer.Write(_free.Ticks);
        writer.Write(_arrived.Ticks);
        writer.Write(_nextOutage);
        writer.Write(_nextRate);
        writer.Write(_nextDelay);
        writer.Write(Bytes);
        random.Save(writer);
    }

    internal void Load(ref StateReader reader)
    {
        (_free, _arrived) = (new(reader.ReadInt64()), new(reader.ReadInt64()));
        _nextOutage = reader.ReadInt32(0, link.Outages.Length);
        _nextRate = reader.ReadInt32(0, link.RateTrace.Length);
        _nextDelay = reader.ReadInt32(0, link.DelayTrace.Length);
        _rate = _nextRate == 0 ? 1 : link.RateTrace[_nextRate - 1].Speed;
        _delay = _nextDelay == 0 ? link.Delay : link.DelayTrace[_nextDelay - 1].Delay;
        Bytes = reader.ReadInt64();
        random.Load(ref reader);
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
            if (start + needs <= until || until == VirtualTime.Never) { return (VirtualTime.Capped(start + needs), TimeSpan.Zero); }
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
