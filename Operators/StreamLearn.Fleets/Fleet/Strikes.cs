namespace StreamLearn.Fleets;

/// <summary>The sixteenth quarantines the device for ten minutes, and then every eighth does; an accepted update cancels one.</summary>
internal struct Strikes
{
    private const int Most = 16;

    private static readonly TimeSpan Quarantine = TimeSpan.FromMinutes(10);

    private int _count;
    private DateTimeOffset? _until;

    internal readonly bool IsQuarantined(DateTimeOffset now) => _until > now;

    internal bool Add(DateTimeOffset now)
    {
        if (++_count < Most) { return false; }
        (_count, _until) = (Most / 2, now + Quarantine);
        return true;
    }

    internal void TakeBack() => _count = Math.Max(0, _count - 1);

    internal void State(ref StateStream s)
    {
        s.Value(ref _count, 0, Most);
        s.ClockTime(ref _until);
    }
}
