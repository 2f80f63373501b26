using static System.FormattableString;

namespace StreamLearn.Simulated;

internal sealed record Doubt(string Mode, string Kind, string Text);

internal static class Doubts
{
    /// <summary>Staleness up to which no update counts as stale, since small fleets have small bounds.</summary>
    internal const long FreshVersions = 20;

    /// <summary>Share of updates or barrier participations above which the result is not that of the whole fleet.</summary>
    internal const double MaxShare = 0.1;

    private const int DevicesNamed = 3;

    /// <summary>Harmless refusals: duplicates, updates after a barrier, updates that the device withdrew, and rows of one class.</summary>
    private static readonly HashSet<string> Ordinary =
        new(StringComparer.Ordinal) { "duplicate", "late-round", "no-samples", "rolled-back" };

    /// <summary>The most serious first.</summary>
    internal static List<Doubt> Of(RunFacts run)
    {
        string?[] texts =
        [
            run.LedgerAddsUp ? null : "rows in are not the sum of rows windowed, dropped and held",
            run.MessagesAddUp ? null : "messages sent are not the sum of those applied, refused, without steps, under way and lost",
            OfLosses(run), OfUnanswered(run), OfStaleness(run), OfRefusals(run), OfMissing(run),
        ];
        string[] kinds = ["rows", "messages", "losses", "unanswered", "staleness", "refusals", "missing"];
        return [.. kinds.Zip(texts).Where(d => d.Second is not null).Select(d => new Doubt(run.Mode, d.First, d.Second!))];
    }

    /// <summary>Bound on the mean staleness, in versions, while devices keep pace with their aggregator.</summary>
    /// <remarks>With k credits, n devices have at most kn updates in transit. A version uses K updates and makes each update in transit one
    /// version staler: at most kn/K per update.</remarks>
    internal static double MeanStalenessAllowed(RunFacts run) =>
        (double)run.UpdatesUnderWay * run.Devices.Count / Math.Max(1, run.UpdatesPerVersion);

    /// <summary>By Markov's inequality at most half of the updates exceed twice the mean. Devices s times slower are s times as stale but s
    /// times as rare, so a 95th percentile of five times the mean requires a third of the fleet to be ten times slower.</summary>
    private static string? OfStaleness(RunFacts run)
    {
        if (run.Staleness.Count == 0) { return null; }
        var mean = MeanStalenessAllowed(run);
        var (half, most) = (Figures.Percentile(run.Staleness, 0.5), Figures.Percentile(run.Staleness, 0.95));
        if (half <= Math.Max(FreshVersions, 2 * mean) && most <= Math.Max(FreshVersions, 5 * mean)) { return null; }
        return Invariant($"updates were {half:N0} versions behind in the median and {most:N0} at the 95th percentile, of ")
            + Invariant($"{run.Versions:N0} versions: while {Count(run.Devices.Count, "device")} have ")
            + Invariant($"{run.UpdatesUnderWay} updates under way each, ")
            + Invariant($"{mean:0.#} are the most that the mean can be");
    }

    private static string? OfLosses(RunFacts run)
    {
        var (lost, unknown) = (run.Devices.Sum(d => d.UpdatesLost), run.Devices.Sum(d => d.UpdatesUnknown));
        if (lost + unknown == 0) { return null; }
        List<string> parts = [];
        if (lost > 0) { parts.Add(Invariant($"{Count(lost, "update")} lost by an aggregator that restarted")); }
        if (unknown > 0) { parts.Add(Invariant($"{Count(unknown, "update")} without an answer when the device ended")); }
        return string.Join(", ", parts);
    }

    /// <summary>A few updates may be unanswered at the end; if none is answered, nothing that a device learned was used.</summary>
    private static string? OfUnanswered(RunFacts run)
    {
        var mute = run.Devices.Where(d => d is { UpdatesSent: > 0, UpdatesAnswered: 0 }).Select(d => d.Name).ToList();
        return mute.Count == 0 ? null : $"no update of {Named(mute)} was ever answered";
    }

    private static string? OfRefusals(RunFacts run)
    {
        var sent = run.Devices.Sum(d => d.UpdatesSent);
        var refused = run.UpdatesRefused.Where(r => !Ordinary.Contains(r.Key) && r.Value > 0).OrderByDescending(r => r.Value).ToList();
        var all = refused.Sum(r => r.Value);
        var reasons = refused.Select(r => Invariant($"{r.Key} {r.Value:N0}"));
        return all <= MaxShare * sent ? null
            : Invariant($"{all:N0} of {Count(sent, "update")} were refused ({string.Join(", ", reasons)})");
    }

    private static string? OfMissing(RunFacts run)
    {
        var places = run.Versions * run.Devices.Count;
        return !run.IsBarrier || run.DevicesMissing <= MaxShare * places ? null
            : Invariant($"the barrier did not wait for {run.DevicesMissing:N0} of {places:N0} reports");
    }

    private static string Count(long count, string noun) => Invariant($"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private static string Named(List<string> names) => names.Count <= DevicesNamed + 1
        ? Figures.Listed(names)
        : Figures.Listed([.. names.Take(DevicesNamed), Invariant($"{names.Count - DevicesNamed:N0} more")]);
}
