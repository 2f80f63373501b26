using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>What a site knows of another one. Its size is bounded by the held updates and the places awaited.</summary>
internal sealed class OtherSite(string name) : UpdateSender(name)
{
    private const int MaxKeys = 1 << 24;

    /// <summary>The newest clock that it has told.</summary>
    internal long Clock { get; set; }

    /// <summary>The last of this site's updates that it has heard.</summary>
    internal long Heard { get; set; }

    /// <summary>Start and number of its last update that has come.</summary>
    internal long Epoch { get; private set; } = long.MinValue;

    internal long Sequence { get; private set; }

    /// <summary>Its last update that is in the copy.</summary>
    internal SiteClock Applied { get; private set; } = new(name, long.MinValue, 0, 0);

    /// <summary>Places whose values are awaited, rising.</summary>
    internal ImmutableArray<int> Awaited { get; private set; } = [];

    /// <summary>Since when; what it has told at that clock holds them.</summary>
    internal DateTimeOffset AwaitedSince { get; private set; }

    private long AwaitedClock { get; set; }

    private long ToldClock => Held.Count > 0 ? Held[^1].BaseVersion : Applied.Clock;

    /// <summary>Takes note of an update; the number of those that never came, or below 0 if it has come before.</summary>
    internal long Hear(WeightDelta update)
    {
        if (update.Epoch < Epoch || (update.Epoch == Epoch && update.Sequence <= Sequence)) { return -1; }
        var missed = update.Sequence - 1 - (update.Epoch == Epoch ? Sequence : 0);
        Clock = update.Epoch == Epoch ? Math.Max(Clock, update.BaseVersion) : update.BaseVersion;
        (Epoch, Sequence, HasLeft) = (update.Epoch, update.Sequence, update.Leaving);
        if (update.BaseVersion >= AwaitedClock || update.Leaving) { Awaited = []; }
        return missed;
    }

    /// <summary>Takes note that an update is in the copy.</summary>
    internal void Apply(WeightDelta update) =>
        Applied = new(Name, update.Epoch, update.Sequence, update.BaseVersion, update.Leaving);

    /// <summary>Takes note of where it stands, and of changes that are to come.</summary>
    internal void Await(SiteSignal signal, DateTimeOffset now)
    {
        Clock = Math.Max(Clock, signal.Clock);
        if (signal.Keys.IsEmpty || signal.Clock <= ToldClock) { return; }
        if (Awaited.IsEmpty) { AwaitedSince = now; }
        (Awaited, AwaitedClock) = (signal.Keys, signal.Clock);
    }

    internal void AwaitNothing() => Awaited = [];

    /// <summary>True if its held updates go on where a snapshot ends.</summary>
    internal bool GoesOnFrom(SiteClock told) => Held.Count == 0 ? told.HasLeft
        : Held[0].Sequence <= told.Sequence + 1 && (Held[0].Epoch == told.Epoch || told.Sequence == 0);

    /// <summary>Takes a snapshot: what that holds needs not be applied.</summary>
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
