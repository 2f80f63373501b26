using System.Globalization;
using System.Text;
using StreamLearn.Fleets;

namespace StreamLearn.Simulated;

internal static class LineageSection
{
    private const int MaxColumns = 600;
    private const int LastVersions = 12;
    private const double MaxSeconds = 1e9;
    private const double Top = 4;
    private static readonly string[] Degrees = ["fresh", "1–2 behind", "3–9 behind", "10 or more"];
    private static readonly string[] VersionHeads = ["version", "time / s", "updates", "<made of updates by (versions behind)"];
    private static readonly string[] DeviceHeads =
        ["<device", "updates used", "in versions", "share of versions", "samples processed", "mean weight", "refused"];
    private static readonly string[] UpdateHeads =
        ["version", "<device", "sequence", "base version", "behind", "weight", "norm", "samples processed"];
    private static readonly string[] RefusedHeads = ["<device", "<reason", "updates", "first at / s", "last at / s"];

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

    /// <summary>Rounds shorter than a second; the first starts with the run.</summary>
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
        return Section.Figure(mode.Title, mode.Versions.Count == 0 ? Fragment.Empty : Key(mode.Style), grid,
            Fragment.Of($"{tables}{Refused(mode)}"));
    }

    private static Fragment Key(string style) => Section.Legend(Degrees.Select((text, i) => ($"{style} s{i}", text)));

    private static Fragment Grid(RunStory story, ModeStory mode)
    {
        var (devices, style) = (story.Devices, mode.Style);
        var high = devices.Count > 32 ? 8.0 : 14.0;
        var bottom = Top + (devices.Count * high);
        var (first, last) = (mode.Versions.Min(v => v.Version), mode.Versions.Max(v => v.Version));
        var axis = Axis.Exact(first, last + 1, 6);
        axis = axis with { Step = Math.Max(1, axis.Step) };
        var cells = Cells(mode, devices, first, (int)Math.Max(1, (last - first + MaxColumns) / MaxColumns));
        var width = last - first + 1;
        return Svg.Plot($"lineage-{mode.Id}", $"Devices whose updates made each version, {mode.Kind}", Said(story, mode),
            new((int)bottom + 42, Svg.MarginOf(devices), 8), Fragment.Of(
                $"""
                {devices.Select((d, i) => Name(d, i, high))}
                {Svg.Stretched(Top, devices.Count * high, width, devices.Count, Fragment.Of(
                    $"{cells.Select((c, i) => Fragment.Of($"""<path class="{style} s{i}" d="{c}"/>"""))}"))}
                {Svg.XAxis(axis, bottom + 2, "version")}
                """));
    }

    private static Fragment Name(string device, int row, double high) => Fragment.Of(
        $"""
        {(high < 12 && row % 2 == 1 ? Fragment.Empty : Svg.Name(device, Top + ((row + 0.5) * high)))}
        <line class="grid" x1="0" x2="100%" y1="{Top + ((row + 1) * high):0.#}" y2="{Top + ((row + 1) * high):0.#}"/>
        """);

    /// <summary>One path per staleness; beyond the column limit, versions share a column and the stalest shows.</summary>
    private static string[] Cells(ModeStory mode, IReadOnlyList<string> devices, long first, int bin)
    {
        var rows = devices.Select((d, i) => (d, i)).ToDictionary(d => d.d, d => d.i, StringComparer.Ordinal);
        var marks = mode.Versions.SelectMany(v => v.Updates.Where(u => rows.ContainsKey(u.Device))
                .Select(u => (Row: rows[u.Device], Column: (v.Version - first) / bin * bin, u.Staleness)))
            .GroupBy(m => (m.Row, m.Column)).Select(g => (g.Key.Row, g.Key.Column, Stalest: g.Max(m => m.Staleness)));
        var paths = new[] { new StringBuilder(), new StringBuilder(), new StringBuilder(), new StringBuilder() };
        foreach (var mark in marks)
        {
            var degree = mark.Stalest switch { <= 0 => 0, <= 2 => 1, <= 9 => 2, _ => 3 };
            paths[degree].Append(CultureInfo.InvariantCulture, $"M{mark.Column} {mark.Row}.1h{bin}v.8h-{bin}z");
        }

        return [.. paths.Select(p => p.ToString())];
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

    private static Fragment Refused(ModeStory mode) => mode.Refused.Count == 0 ? Fragment.Empty : Tables.Table(
        $"Updates refused, {mode.Kind}", RefusedHeads,
        mode.Refused.GroupBy(r => (r.Device, r.Reason)).Select(g => Tables.Cells(
            g.Key.Device, g.Key.Reason, Figures.Count(g.Sum(r => r.Updates)), Figures.Number(g.Min(r => r.Seconds), "0.#"),
            Figures.Number(g.Max(r => r.Seconds), "0.#"))));
}
