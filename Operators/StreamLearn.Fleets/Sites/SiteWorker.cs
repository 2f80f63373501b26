namespace StreamLearn.Fleets;

internal sealed class SiteWorker(string name) : UpdateSender(name)
{
    /// <summary>Number of updates from the worker. A late worker starts at the site's clock, as if it had sent the earlier ones.</summary>
    internal long Clock { get; set; }

    internal bool Waits { get; private set; }

    private long Epoch { get; set; } = long.MinValue;

    private long Sequence { get; set; }

    /// <summary>Returns false for a duplicate. <paramref name="clock"/>: the site's clock, a minimum for active workers.</summary>
    internal bool Hear(WeightDelta update, long clock, DateTimeOffset now)
    {
        if ((update.Epoch, update.Sequence).CompareTo((Epoch, Sequence)) <= 0) { return false; }
        (Epoch, Sequence, Seen) = (update.Epoch, update.Sequence, now);
        (HasLeft, Waits, Clock) = (update.Leaving, !update.Leaving, Math.Max(Clock, clock));
        return true;
    }

    internal void Continue(DateTimeOffset now) => (Waits, Seen) = (false, now);

    internal override void State(ref StateStream s, int maxHeld)
    {
        (Clock, HasLeft, Waits) = (s.Value(Clock), s.Value(HasLeft), s.Value(Waits));
        Seen = s.ClockTime(Seen) ?? default;
        (Epoch, Sequence) = (s.Value(Epoch), s.Value(Sequence));
        HeldState(ref s, maxHeld);
    }
}
