using StreamLearn.Fleets;

namespace StreamLearn.Simulated;

internal static class LineageSection
{
    private const int MaxColumns = 600;
    private const int LastVersions = 12;
    private const double MaxSeconds = 1e9;
    private static readonly Shade[] Degrees =
        [new("fresh", 0.25), new("1–2 behind", 0.5), new("3–9 behind", 0.75), new("10 or more behind", 1)];

    private static readonly string[] VersionHeads = ["version", "time / s", "updates", "<made of updates by (versions behind)"];
    private static readonly string[] DeviceHeads =
        ["<device", "updates used", "in versions", "share of versions", "samples processed", "mean weight", "refused"];
    private static readonly string[] UpdateHeads =
        ["version", "<device", "sequence", "base version", "behind", "weight", "norm", "samples processed"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Versions.Count + m.Refused.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        return new("lineage", "Lineage of versions", [.. modes.Select(m => Said(story, m))],
            "Each column is a version of the model, each line a device: a mark means that the version contains an update of the device.",
            Fragment.Of($"{modes.Select(m => Figure(story, m))}"));
    }

    private static string Said(RunStory story, ModeStory mode)
    {
        if (mode.Versions.Count == 0) { return $"{Figures.Sentence(mode.Subject)} made no version."; }
        var most = story.AllDevices.MaxBy(d => mode.Updates[d].Count())!;
        var least = story.AllDevices.MinBy(d => mode.Updates[d].Count())!;
        var text = $"{Figures.Sentence(mode.Subject)} made {Figures.Count(mode.Versions.Count, "version")} of "
            + $"{Figures.Count(mode.Updates.Sum(u => u.Count()), "update")}";
        var refused = mode.Refused.Sum(r => r.Updates);
        return (mode.Updates[most].Count() == mode.Updates[least].Count() ? $"{text}, each device in the same number"
            : $"{text}; {most} contributed most, {Figures.Count(mode.Updates[most].Count())}, and {least} least, "
                + $"{Figures.Count(mode.Updates[least].Count())}")
            + $"; {(refused == 0 ? "none was refused" : $"{Figures.Count(refused)} {(refused == 1 ? "was" : "were")} refused")}. "
            + $"{Figures.Percent(ShareUnderSecond(mode))} of its rounds took less than a second.";
    }

    /// <summary>Share of rounds shorter than a second; the first round starts with the run.</summary>
    private static double? ShareUnderSecond(ModeStory mode) => Round.ShareUnder(
        Round.Times(TimeSpan.Zero, mode.Versions.Where(v => double.IsFinite(v.Seconds)).Select(v => Time(v.Seconds))),
        TimeSpan.FromSeconds(1));

    private static TimeSpan Time(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, MaxSeconds));

    private static Fragment Figure(RunStory story, ModeStory mode)
    {
        var grid = mode.Versions.Count == 0 ? Fragment.Empty : Grid(story, mode);
        var last = mode.Versions.TakeLast(LastVersions).Reverse().ToList();
        var tables = mode.Versions.Count == 0 ? Fragment.Empty : Fragment.Of(
            $"""
            {Tables.Details($"The last {Figures.Count(last.Count, "version")}, {mode.Kind}", VersionHeads, last.Select(VersionRow))}
            {Tables.Details($"Their updates, {mode.Kind}", UpdateHeads, last.SelectMany(v => v.Updates.Select(u => UpdateRow(v, u))))}
            {Tables.Details($"Contribution of each device, {mode.Kind}", DeviceHeads, story.Devices.Select(d => DeviceRow(mode, d)))}
            """);
        return Section.Figure(mode.Title, grid, tables);
    }

    private static Fragment Grid(RunStory story, ModeStory mode)
    {
        var (first, last) = (mode.Versions.Min(v => v.Version), mode.Versions.Max(v => v.Version));
        return new Chart($"Devices whose updates made each version, {mode.Kind}. {Said(story, mode)}")
        {
            Rows = story.Devices,
            Cells = Cells(mode, story.Devices, first, (int)Math.Max(1, (last - first + MaxColumns) / MaxColumns)),
            Shades = Degrees,
            Color = mode.Color,
            RowHeight = story.Devices.Count > 32 ? 8 : 14,
            Unit = "version",
            Low = first,
            High = last + 1,
        }.Draw();
    }

    /// <summary>Beyond the column limit, versions share a column and the stalest shows.</summary>
    private static IEnumerable<double[]> Cells(ModeStory mode, IReadOnlyList<string> devices, long first, int bin)
    {
        var rows = devices.Index().ToDictionary(d => d.Item, d => d.Index, StringComparer.Ordinal);
        return mode.Versions.SelectMany(v => v.Updates.Where(u => rows.ContainsKey(u.Device))
                .Select(u => (Row: rows[u.Device], Column: first + ((v.Version - first) / bin * bin), u.Staleness)))
            .GroupBy(m => (m.Row, m.Column)).Select(g => (double[])[g.Key.Row, g.Key.Column, bin,
                Degrees[g.Max(m => m.Staleness) switch { <= 0 => 0, <= 2 => 1, <= 9 => 2, _ => 3 }].Alpha]);
    }

    private static IReadOnlyList<Fragment> VersionRow(VersionMade version) => Tables.Cells(
        Figures.Count(version.Version), Figures.Number(version.Seconds, "0.00"), Figures.Count(version.Updates.Count),
        string.Join(", ", version.Updates.Select(u => FormattableString.Invariant($"{u.Device} ({u.Staleness})"))));

    private static IReadOnlyList<Fragment> UpdateRow(VersionMade version, UpdateUsed update) => Tables.Cells(
        Figures.Count(version.Version), update.Device, Figures.Count(update.Sequence), Figures.Count(update.BaseVersion),
        Figures.Count(update.Staleness), Figures.Number(update.Weight, "0.0000"), Figures.Number(update.Norm, "0.0000"),
        Figures.Count(update.Samples));

    private static IReadOnlyList<Fragment> DeviceRow(ModeStory mode, string device)
    {
        var updates = mode.Updates[device].ToList();
        var versions = mode.Versions.Count(v => v.Updates.Any(u => u.Device == device));
        return Tables.Cells(device, Figures.Count(updates.Count), Figures.Count(versions),
            Figures.Percent((double)versions / mode.Versions.Count), Figures.Count(updates.Sum(u => u.Samples)),
            updates.Count == 0 ? "–" : Figures.Number(updates.Average(u => u.Weight), "0.000"),
            Figures.Count(mode.Refused.Where(r => r.Device == device).Sum(r => r.Updates)));
    }
}
