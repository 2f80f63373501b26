using static System.FormattableString;

namespace Tool;

/// <summary>Whether the link of a fleet keeps up with its devices: each labelled window earns a step, and a device without credit, whose
/// updates have not been answered yet, forgoes what it earns.</summary>
internal sealed record LinkPace(long Made, long Allowed, long BytesUp, long BytesEach, TimeSpan Length, TimeSpan Aggregating)
{
    /// <summary>The least share of the updates allowed that a link must carry.</summary>
    private const double LeastShare = 0.25;

    /// <summary>Updates below which nothing is said.</summary>
    private const long FewUpdates = 50;

    /// <summary>Time from which on a run is looked at while it goes on.</summary>
    internal static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong, in a sentence without its full stop; null: nothing, or it is not the link.</summary>
    internal string? Text
    {
        get
        {
            if (Allowed < FewUpdates || Made >= LeastShare * Allowed || Aggregating > Length / 2) { return null; }
            var (needed, reached) = (Allowed * BytesEach / Length.TotalSeconds, BytesUp / Length.TotalSeconds);
            return Invariant($"the link is too slow to learn over: updates waited for it, and devices made {Made:N0} of the {Allowed:N0} ")
                + Invariant($"that their rows allow; in {Length.TotalSeconds:N0} s those ")
                + Invariant($"need {needed / 1024:N0} KiB/s up ({BytesEach / 1024.0:N0} KiB each), and {reached / 1024:N0} KiB/s ")
                + "were reached";
        }
    }

    /// <summary>Reads the counters of a fleet; null: it has no link, or waits for other reasons, as with a barrier.</summary>
    internal static LinkPace? Of(RunningFleet fleet, TimeSpan at)
    {
        if (!fleet.StepsAreEarned || fleet.Mode.Barrier || at <= TimeSpan.Zero || fleet.Connections.IsEmpty) { return null; }
        return new(fleet.Members.Sum(m => fleet.Watch.SentBy(m.Name).Updates),
            fleet.Members.Sum(m => fleet.Watch.Of(m.Name)?.Rows ?? 0) / Pipelines.StepsPerUpdate,
            fleet.Members.Sum(static m => m.BytesUp), fleet.UpdateBytes, at, fleet.Aggregator["aggregate"].Busy);
    }
}
