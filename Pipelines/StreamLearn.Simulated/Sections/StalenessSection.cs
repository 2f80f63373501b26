namespace StreamLearn.Simulated;

internal static class StalenessSection
{
    private const double RowHeight = 18;
    private const double Top = 22;
    private const int MaxColumns = 80;
    private static readonly string[] Heads = ["<device", "updates used", "median", "p95", "most", "<role"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Updates.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        var stale = modes.Where(m => MaxOf(m) > 0).ToList();
        var fresh = modes.Except(stale).Select(m => $"{Figures.Sentence(m.Subject)} used fresh updates only: staleness 0 throughout.");
        return new("staleness", "Staleness", [.. stale.Select(m => Said(story, m)), .. fresh],
            "The staleness of an update is the number of versions between its base version and the version that it went into.",
            Fragment.Of($"{stale.Select(m => Figure(story, m, stale.Max(MaxOf)))}"));
    }

    private static Fragment Figure(RunStory story, ModeStory mode, long most)
    {
        var devices = story.Devices.Where(d => mode.Updates[d].Any()).ToList();
        var size = new PlotSize((int)(Top + (devices.Count * RowHeight)) + 42, Svg.MarginOf(devices), 72);
        return Section.Figure(mode.Title, Key(mode.Style),
            Svg.Plot($"staleness-{mode.Id}", $"Staleness of updates by device, {mode.Kind}", Said(story, mode), size,
                Draw(devices, mode, most)),
            Tables.Details($"Staleness by device, {mode.Kind}", Heads, devices.Select(d => Row(story, mode, d))));
    }

    private static Fragment Key(string style) => Fragment.Of(
        $"""
        <ul class="legend">
        <li><svg aria-hidden="true" width="36" height="12"><rect class="{style}" width="12" height="12" fill-opacity=".15"/>
        <rect class="{style}" x="12" width="12" height="12" fill-opacity=".4"/>
        <rect class="{style}" x="24" width="12" height="12" fill-opacity=".75"/>
        </svg>share of the device’s updates</li>
        <li><svg aria-hidden="true" width="12" height="12"><circle class="median" cx="6" cy="6" r="4"/></svg>median</li>
        <li><svg aria-hidden="true" width="12" height="12"><line class="p95" x1="6" x2="6" y1="0" y2="12"/></svg>95th percentile</li></ul>

        """);

    private static Fragment Draw(List<string> devices, ModeStory mode, long most)
    {
        var axis = Axis.Exact(-0.5, most + 0.5, 6);
        axis = axis with { Step = Math.Max(1, axis.Step) };
        var bin = Math.Max(1, (int)Math.Ceiling((most + 1) / (double)MaxColumns));
        return Fragment.Of(
            $"""
            <text class="unit" x="100%" dx="8" y="12">p50 / p95</text>
            {devices.Select((d, i) => DrawDevice(d, Sorted(mode, d), Top + (i * RowHeight), axis, bin, mode.Style))}
            {Svg.XAxis(axis, Top + (devices.Count * RowHeight) + 2, "versions behind")}
            """);
    }

    private static Fragment DrawDevice(string device, List<long> sorted, double y, Axis axis, int bin, string style)
    {
        var bins = sorted.GroupBy(s => s / bin).Select(g => (From: g.Key * bin, Share: (double)g.Count() / sorted.Count)).ToList();
        var most = bins.Max(b => b.Share);
        var (p50, p95) = (Figures.Percentile(sorted, 0.5), Figures.Percentile(sorted, 0.95));
        return Fragment.Of(
            $"""
            {Svg.Name(device, y + (RowHeight / 2))}
            <line class="grid" x1="0" x2="100%" y1="{y + RowHeight:0.#}" y2="{y + RowHeight:0.#}"/>
            {bins.Select(b => Cell(b.From, b.Share / most, y, axis, bin, style))}
            <line class="p95" x1="{axis.Share(p95) * 100:0.##}%" x2="{axis.Share(p95) * 100:0.##}%" y1="{y + 3:0.#}" y2="{y + 15:0.#}"/>
            <circle class="median" cx="{axis.Share(p50) * 100:0.##}%" cy="{y + 9:0.#}" r="4"/>
            <text class="value" x="100%" dx="8" y="{y + 13:0.#}">{p50} / {p95}</text>

            """);
    }

    private static Fragment Cell(long from, double strength, double y, Axis axis, int bin, string style)
    {
        var left = axis.Share(from - 0.5) * 100;
        return Fragment.Of(
            $"""
            <rect class="{style}" x="{left:0.##}%" y="{y + 3:0.#}" width="{(axis.Share(from + bin - 0.5) * 100) - left:0.##}%"
            height="12" fill-opacity="{0.08 + (0.67 * strength):0.##}"/>
            """);
    }

    private static List<long> Sorted(ModeStory mode, string device) => [.. mode.Updates[device].Select(u => u.Staleness).Order()];

    private static long MaxOf(ModeStory mode) => mode.Updates.SelectMany(u => u).Select(u => u.Staleness).DefaultIfEmpty().Max();

    private static string Said(RunStory story, ModeStory mode)
    {
        var all = mode.Updates.SelectMany(u => u).Select(u => u.Staleness).Order().ToList();
        var (half, most) = (Figures.Percentile(all, 0.5), Figures.Percentile(all, 0.95));
        var text = most == 0
            ? $"{Figures.Sentence(mode.Subject)} used fresh updates, except for {Figures.Percent(StaleShare(all))} of them."
            : $"In {mode.Subject} half of all updates were at most {Behind(half)} behind, 95\u00a0% at most {most}.";
        var oldest = story.Devices.Where(d => mode.Updates[d].Any()).MaxBy(d => Figures.Percentile(Sorted(mode, d), 0.5));
        var oldestHalf = oldest is null ? 0 : Figures.Percentile(Sorted(mode, oldest), 0.5);
        return oldestHalf <= half ? text : $"{text} Those of {oldest} were {Behind(oldestHalf)} behind in the median.";
    }

    private static double StaleShare(List<long> staleness) => (double)staleness.Count(s => s > 0) / staleness.Count;

    private static string Behind(long versions) => Figures.Count(versions, "version");

    private static IReadOnlyList<Fragment> Row(RunStory story, ModeStory mode, string device)
    {
        var sorted = Sorted(mode, device);
        return Tables.Cells(device, Figures.Count(sorted.Count), Figures.Count(Figures.Percentile(sorted, 0.5)),
            Figures.Count(Figures.Percentile(sorted, 0.95)), Figures.Count(sorted[^1]), story.RoleOf(device));
    }
}
