namespace StreamLearn.Learning;

/// <summary>The question for a newer version: asked while a device waits for one, and again after longer and longer times.</summary>
internal sealed class VersionQuestion(CreditOptions options)
{
    private TimeSpan _delay = options.VersionTimeout;

    /// <summary>When it is asked; null: never.</summary>
    internal DateTimeOffset? At { get; private set; }

    internal void State(ref StateStream s)
    {
        At = s.ClockTime(At);
        s.Value(ref _delay);
    }

    /// <summary>The device waits for a version, or has stopped to.</summary>
    internal void Await(bool waits, DateTimeOffset now)
    {
        if (!waits) { (At, _delay) = (null, options.VersionTimeout); }
        else { At ??= now + _delay; }
    }

    /// <summary>Nothing is asked any more, until the device waits again.</summary>
    internal void Stop() => At = null;

    /// <summary>True if it is to be asked now.</summary>
    internal bool TryAsk(DateTimeOffset now)
    {
        if (!(At <= now)) { return false; }
        _delay = options.Longer(_delay);
        At = now + _delay;
        return true;
    }
}
