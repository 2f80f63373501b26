namespace StreamLearn.Simulation;

/// <summary>Lengths of virtual time, in ticks of 100 ns. What would take longer than calendars go never happens.</summary>
internal static class VirtualTime
{
    /// <summary>Longer than any run; two of them can still be added.</summary>
    internal static TimeSpan Never { get; } = TimeSpan.FromDays(10_000 * 366L);

    internal static TimeSpan Capped(TimeSpan time) => time < Never ? time : Never;

    /// <summary>A length of time, rounded to ticks; what costs something costs a tick at least.</summary>
    internal static TimeSpan OfSeconds(double seconds)
    {
        if (seconds == 0) { return TimeSpan.Zero; }
        var ticks = Math.Max(1, Math.Round(seconds * TimeSpan.TicksPerSecond));
        return ticks < Never.Ticks ? new((long)ticks) : Never;
    }
}
