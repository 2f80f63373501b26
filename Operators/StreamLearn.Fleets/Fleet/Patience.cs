namespace StreamLearn.Fleets;

internal static class Patience
{
    private const double Times = 10;
    private const double MaxTimes = 100;        // for a device whose last updates also took that long

    private static readonly TimeSpan AtLeast = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(5);      // as long as an edge keeps the session of an absent device
    private static readonly TimeSpan AtMost = TimeSpan.FromDays(3650);      // a time so far ahead still exists

    /// <summary>Returns the time since the round began. <paramref name="half"/>: when half of the devices had reported; the fewer have
    /// reported, the longer the others may need. <paramref name="own"/>: usual time of the device; null: unknown.
    /// <paramref name="isSilent"/>: nothing came from it in the round: its update may wait for a slow link, or be at an edge.</summary>
    internal static TimeSpan For(TimeSpan half, int invited, int reported, TimeSpan? own, TimeSpan? limit, bool isSilent = false)
    {
        if (limit is { } set) { return set < AtMost ? set : AtMost; }
        var others = Math.Max(half.TotalSeconds, 0) * Math.Max(1, (double)invited / Math.Max(1, reported));
        var most = Math.Max(MaxTimes * others, Silent.TotalSeconds);
        var seconds = Math.Clamp(Times * (own?.TotalSeconds ?? 0), Times * others, most);
        return TimeSpan.FromSeconds(Math.Clamp(seconds, (isSilent ? Silent : AtLeast).TotalSeconds, AtMost.TotalSeconds));
    }
}
