using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>What a site knows of a worker of its own. Its size is bounded by the held updates.</summary>
internal sealed class SiteWorker(string name) : UpdateSender(name)
{
    /// <summary>The number of its updates; of one that began later, together with those that it was spared.</summary>
    internal long Clock { get; set; }

    /// <summary>True from an update to the version that answers it.</summary>
    internal bool Waits { get; private set; }

    private long Epoch { get; set; } = long.MinValue;

    private long Sequence { get; set; }

    /// <summary>Takes note of an update; false if it has come before. <paramref name="clock"/>: the site's clock, which no worker that is
    /// heard is behind.</summary>
    internal bool Hear(WeightDelta update, long clock, DateTimeOffset now)
    {
        if ((update.Epoch, update.Sequence).CompareTo((Epoch, Sequence)) <= 0) { return false; }
        (Epoch, Sequence, Seen) = (update.Epoch, update.Sequence, now);
        (HasLeft, Waits, Clock) = (update.Leaving, !update.Leaving, Math.Max(Clock, clock));
        return true;
    }

    /// <summary>Takes note that a version answers its last update: the next one is awaited from now on.</summary>
    internal void GoOn(DateTimeOffset now) => (Waits, Seen) = (false, now);

    internal override void State(ref StateStream s, int maxHeld)
    {
        (Clock, HasLeft, Waits) = (s.Value(Clock), s.Value(HasLeft), s.Value(Waits));
        Seen = s.ClockTime(Seen) ?? default;
        (Epoch, Sequence) = (s.Value(Epoch), s.Value(Sequence));
        HeldState(ref s, maxHeld);
    }
}
