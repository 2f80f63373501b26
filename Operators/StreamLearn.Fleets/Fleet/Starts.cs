namespace StreamLearn.Fleets;

/// <summary>The starts of the program that speaks for a device. After a restart only the new one speaks; where two speak by turns, two
/// programs have one identity, such as that of a copied state folder.</summary>
internal struct Starts
{
    /// <summary>A start has to be followed by the one before it so often: after a restart, messages of the old program may come
    /// late.</summary>
    private const int Returns = 3;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private long _newest;
    private long _other;
    private int _returns;
    private DateTimeOffset? _since;     // the first return
    private DateTimeOffset? _until;     // that two speak is known until then

    /// <summary>True if two programs speak for the device.</summary>
    internal readonly bool AreTwo(DateTimeOffset now) => _until > now;

    internal void State(ref StateStream s)
    {
        s.Value(ref _newest);
        s.Value(ref _other);
        s.Value(ref _returns, 0, Returns);
        s.ClockTime(ref _since);
        s.ClockTime(ref _until);
    }

    /// <summary>Notes which start speaks.</summary>
    internal bool Note(long start, DateTimeOffset now)
    {
        if (start == _newest) { return false; }
        if (start != _other || !(now - _since < Window)) { (_returns, _since) = (0, now); }
        if (start == _other) { _returns = Math.Min(_returns + 1, Returns); }
        (_newest, _other) = (start, _newest);
        if (_returns < Returns) { return false; }
        var wereKnown = AreTwo(now);
        _until = now + Remembered;
        return !wereKnown;
    }
}
