namespace StreamLearn.Fleets;

/// <summary>Counts messages of a device that an honest one sends seldom or never. With the sixteenth it is quarantined for ten minutes,
/// and with every eighth after that; an accepted update takes one back.</summary>
internal struct Strikes
{
    private const int Most = 16;

    private static readonly TimeSpan Quarantine = TimeSpan.FromMinutes(10);

    private int _count;
    private DateTimeOffset? _until;

    /// <summary>True for the reasons that count: what the message claims cannot be, or is not like the fleet, so that no haste or loss
    /// explains it.</summary>
    internal static bool IsFor(string reason) => reason is Refusals.NotItsTopic or Refusals.ImplausibleEpoch or "version" or "non-finite"
        or "shape" or "norm";

    internal readonly bool IsQuarantined(DateTimeOffset now) => _until > now;

    /// <summary>Counts one.</summary>
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
