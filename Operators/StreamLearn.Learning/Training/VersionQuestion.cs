namespace StreamLearn.Learning;

/// <summary>Requests an awaited version, with growing delays.</summary>
internal sealed class VersionQuestion(CreditOptions options)
{
    private TimeSpan _delay = options.VersionTimeout;

    internal DateTimeOffset? At { get; private set; }

    internal void State(ref StateStream s)
    {
        At = s.ClockTime(At);
        s.Value(ref _delay);
    }

    internal void Await(bool waits, DateTimeOffset now)
    {
        if (!waits) { (At, _delay) = (null, options.VersionTimeout); }
        else { At ??= now + _delay; }
    }

    internal void Stop() => At = null;

    internal bool TryAsk(DateTimeOffset now)
    {
        if (!(At <= now)) { return false; }
        _delay = options.Longer(_delay);
        At = now + _delay;
        return true;
    }
}
