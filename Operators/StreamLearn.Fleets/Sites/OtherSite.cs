namespace StreamLearn.Fleets;

internal sealed class OtherSite(string name) : UpdateSender(name)
{
    private const int MaxKeys = 1 << 24;

    internal long Clock { get; set; }

    internal long Heard { get; set; }

    internal long Epoch { get; private set; } = long.MinValue;

    internal long Sequence { get; private set; }

    internal SiteClock Applied { get; private set; } = new(name, long.MinValue, 0, 0);

    /// <summary>Positions of values that are awaited, ascending.</summary>
    internal ImmutableArray<int> Awaited { get; private set; } = [];

    internal DateTimeOffset AwaitedSince { get; private set; }

    private long AwaitedClock { get; set; }

    private long ToldClock => Held.Count > 0 ? Held[^1].BaseVersion : Applied.Clock;

    /// <summary>Returns the number of lost updates before this one; below 0 for a duplicate.</summary>
    internal long Hear(WeightDelta update)
    {
        if (update.Epoch < Epoch || (update.Epoch == Epoch && update.Sequence <= Sequence)) { return -1; }
        var missed = update.Sequence - 1 - (update.Epoch == Epoch ? Sequence : 0);
        Clock = update.Epoch == Epoch ? Math.Max(Clock, update.BaseVersion) : update.BaseVersion;
        (Epoch, Sequence, HasLeft) = (update.Epoch, update.Sequence, update.Leaving);
        if (update.BaseVersion >= AwaitedClock || update.Leaving) { Awaited = []; }
        return missed;
    }

    internal void Apply(WeightDelta update) => Applied = new(Name, update.Epoch, update.Sequence, update.BaseVersion, update.Leaving);

    internal void Await(SiteSignal signal, DateTimeOffset now)
    {
        Clock = Math.Max(Clock, signal.Clock);
        if (signal.Keys.IsEmpty || signal.Clock <= ToldClock) { return; }
        if (Awaited.IsEmpty) { AwaitedSince = now; }
        (Awaited, AwaitedClock) = (signal.Keys, signal.Clock);
    }

    internal void AwaitNothing() => Awaited = [];

    internal bool ResumesFrom(SiteClock told) => Held.Count == 0 ? told.HasLeft
        : Held[0].Sequence <= told.Sequence + 1 && (Held[0].Epoch == told.Epoch || told.Sequence == 0);

    internal void Begin(SiteClock told)
    {
        Held.RemoveAll(h => h.Epoch < told.Epoch || (h.Epoch == told.Epoch && h.Sequence <= told.Sequence));
        Applied = told;
        if ((told.Epoch, told.Sequence).CompareTo((Epoch, Sequence)) <= 0) { return; }
        (Epoch, Sequence, Clock, HasLeft) = (told.Epoch, told.Sequence, told.Clock, told.HasLeft);
    }

    internal override void State(ref StateStream s, int maxHeld)
    {
        (Clock, HasLeft, Seen) = (s.Value(Clock), s.Value(HasLeft), s.ClockTime(Seen) ?? default);
        (Heard, Epoch, Sequence) = (s.Value(Heard), s.Value(Epoch), s.Value(Sequence));
        Applied = new(Name, s.Value(Applied.Epoch), s.Value(Applied.Sequence), s.Value(Applied.Clock), s.Value(Applied.HasLeft));
        Awaited = s.Array(Awaited, MaxKeys);
        (AwaitedClock, AwaitedSince) = (s.Value(AwaitedClock), s.ClockTime(AwaitedSince) ?? default);
        HeldState(ref s, maxHeld);
    }
}
