using System.Globalization;

namespace StreamLearn.Testing;

/// <summary>What the ledgers of a fleet say, and nothing else: which updates were made, which were taken, and what became of
/// each.</summary>
public sealed record FleetCheck(
    int Updates, long Samples, int Rounds, int Lost, int AppliedTwice, int OtherBits, int NeverMade, int Gaps, int VersionGaps,
    string Refused)
{
    /// <summary>True if every update was applied or refused once, as it was made.</summary>
    public bool IsExact => this is { Lost: 0, AppliedTwice: 0, OtherBits: 0, NeverMade: 0, Gaps: 0, VersionGaps: 0 };

    /// <summary>Reads the ledgers.</summary>
    public static FleetCheck Of(IEnumerable<string> entries)
    {
        var lines = entries.SelectMany(static e => e.Split('\n')).Select(static l => l.Split(' ')).ToLookup(static l => l[0]);
        var (made, took) = (lines["made"].ToLookup(IdOf), lines["took"].ToLookup(IdOf));
        var applied = lines["applied"].ToLookup(IdOf);
        var fates = lines["applied"].Concat(lines["refused"]).ToLookup(IdOf);
        var rounds = lines["round"].Select(static r => (Epoch: Number(r[1]), Version: Number(r[2]))).ToList();
        var known = made.Select(static u => u.Key).ToHashSet();
        return new(
            made.Count,
            made.Sum(static u => Number(u.First()[5])),
            rounds.Count,
            made.Count(u => Number(u.First()[5]) > 0 ? !fates.Contains(u.Key) : !took.Contains(u.Key)),
            fates.Count(static u => u.Count() > 1),
            made.Count(u => u.Concat(took[u.Key]).Select(ContentOf).Distinct().Count() > 1
                || applied[u.Key].Any(a => a[4] != u.First()[4])),
            took.Concat(fates).Select(static u => u.Key).Distinct().Count(u => !known.Contains(u)),
            known.GroupBy(static u => u.Device).Sum(GapsIn) + Math.Max(0, rounds.DistinctBy(static r => r.Epoch).Count() - 1),
            rounds.Count - rounds.DistinctBy(static r => r.Version).Count()
                + (int)rounds.Select(static r => r.Version).DefaultIfEmpty().Max() - rounds.DistinctBy(static r => r.Version).Count(),
            string.Join(", ", lines["refused"].CountBy(static r => r[4]).Select(static r => $"{r.Value} {r.Key}")));
    }

    private static int GapsIn(IEnumerable<(string Device, long Epoch, long Sequence)> updates)
    {
        var starts = updates.GroupBy(static u => u.Epoch).ToList();
        return starts.Sum(static s => (int)s.Max(static u => u.Sequence) - s.Count()) + starts.Count - 1;
    }

    private static (string Device, long Epoch, long Sequence) IdOf(string[] line) => (line[1], Number(line[2]), Number(line[3]));

    private static string ContentOf(string[] line) => string.Join(' ', line[4..]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
