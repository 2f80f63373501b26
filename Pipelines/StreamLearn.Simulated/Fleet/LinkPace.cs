using static System.FormattableString;

namespace StreamLearn.Simulated;

/// <summary>Checks whether the link keeps up: each labeled window earns a step, which a device without credit forgoes.</summary>
internal sealed record LinkPace(long Made, long Allowed, long BytesUp, long BytesEach, TimeSpan Length, TimeSpan Aggregating)
{
    /// <summary>Minimum share of allowed updates that a link must carry.</summary>
    private const double LeastShare = 0.25;

    /// <summary>Too few updates to judge.</summary>
    private const long FewUpdates = 50;

    internal static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(10);

    /// <summary>The problem, without full stop; null: none, or not the link.</summary>
    internal string? Text
    {
        get
        {
            if (Allowed < FewUpdates || Made >= LeastShare * Allowed || Aggregating > Length / 2) { return null; }
            var (needed, reached) = (Allowed * BytesEach / Length.TotalSeconds, BytesUp / Length.TotalSeconds);
            return Invariant($"the link is too slow: updates had to wait, and devices made {Made:N0} of the {Allowed:N0} updates ")
                + Invariant($"that their rows allow; in {Length.TotalSeconds:N0} s those ")
                + Invariant($"need {needed / 1024:N0} KiB/s up ({BytesEach / 1024.0:N0} KiB each), and {reached / 1024:N0} KiB/s ")
                + "were reached";
        }
    }

    /// <summary>Returns the link's pace; null: no link, or other waits, as with a barrier.</summary>
    internal static LinkPace? Of(RunningFleet fleet, TimeSpan at)
    {
        if (!fleet.StepsAreEarned || fleet.Mode.Barrier || at <= TimeSpan.Zero || fleet.Connections.IsEmpty) { return null; }
        return new(fleet.Members.Sum(m => fleet.Watch.SentBy(m.Name).Updates),
            fleet.Members.Sum(m => fleet.Watch.Of(m.Name)?.Rows ?? 0) / FleetSettings.StepsPerUpdate,
            fleet.Members.Sum(static m => m.BytesUp), fleet.UpdateBytes, at, fleet.Aggregator["aggregate"].Busy);
    }
}
