namespace StreamLearn.Fleets;

/// <summary>After a restart, only the new program sends. If two alternate, they share an identity, such as a copied state folder.</summary>
internal struct Starts
{
    /// <summary>Alternations that prove two programs, because messages of a restarted program may arrive late.</summary>
    private const int Returns = 3;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private long _newest;
    private long _other;
    private int _returns;
    private DateTimeOffset? _since;     // time of the first return
    private DateTimeOffset? _until;     // end of the time in which two programs are known to use the name

    internal readonly bool AreTwo(DateTimeOffset now) => _until > now;

    internal void State(ref StateStream s)
    {
        s.Value(ref _newest);
        s.Value(ref _other);
        s.Value(ref _returns, 0, Returns);
        s.ClockTime(ref _since);
        s.ClockTime(ref _until);
    }

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
