namespace StreamLearn.Tables;

/// <summary>Prints a line every few seconds on the progress of a fit. Thread-safe.</summary>
internal sealed class FitLine(TimeProvider clock, Action<string> say, string name = "") : IProgress<FitEpoch>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private long _said = clock.GetTimestamp();

    public void Report(FitEpoch value)
    {
        if (IsDue()) { say($"  fitting  {name}: {value}"); }
    }

    /// <summary>Reports progress of parallel fleets.</summary>
    internal void Report(string fleet, TimeSpan at, TimeSpan of)
    {
        if (IsDue()) { say(FormattableString.Invariant($"  fitting  {fleet}: {at.TotalSeconds:0} of {of.TotalSeconds:0} s")); }
    }

    private bool IsDue()
    {
        var said = Interlocked.Read(ref _said);
        return clock.GetElapsedTime(said) >= Every && Interlocked.CompareExchange(ref _said, clock.GetTimestamp(), said) == said;
    }
}
