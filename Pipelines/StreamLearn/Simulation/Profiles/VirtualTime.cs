namespace StreamLearn.Simulation;

/// <summary>Virtual durations in ticks of 100 ns. Durations beyond the calendar's range never end.</summary>
internal static class VirtualTime
{
    /// <summary>Longer than any run. The sum of two such durations does not overflow.</summary>
    internal static TimeSpan Never { get; } = TimeSpan.FromDays(10_000 * 366L);

    internal static TimeSpan Capped(TimeSpan time) => time < Never ? time : Never;

    /// <summary>Rounds to ticks; any positive cost is at least one tick.</summary>
    internal static TimeSpan OfSeconds(double seconds)
    {
        if (seconds == 0) { return TimeSpan.Zero; }
        var ticks = Math.Max(1, Math.Round(seconds * TimeSpan.TicksPerSecond));
        return ticks < Never.Ticks ? new((long)ticks) : Never;
    }
}
