namespace StreamLearn.Simulated;

internal static class StalenessSection
{
    private const int MaxColumns = 80;
    private static readonly string[] Heads = ["<device", "updates used", "median", "p95", "most", "<role"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Updates.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        var stale = modes.Where(m => MaxOf(m) > 0).ToList();
        var fresh = modes.Except(stale).Select(m => $"{Figures.Sentence(m.Subject)} used fresh updates only: staleness 0 throughout.");
        return new("staleness", "Staleness", [.. stale.Select(m => Said(story, m)), .. fresh],
            "The staleness of an update is the number of versions between its base version and the version that it went into. The "
                + "stronger a cell, the more of the device’s updates; the dot is their median, the line their 95th percentile.",
            Fragment.Of($"{stale.Select(m => Figure(story, m, stale.Max(MaxOf)))}"));
    }

    private static Fragment Figure(RunStory story, ModeStory mode, long most)
    {
        var devices = story.Devices.Where(d => mode.Updates[d].Any()).ToList();
        var sorted = devices.ConvertAll(d => Sorted(mode, d));
        var bin = Math.Max(1, (int)Math.Ceiling((most + 1) / (double)MaxColumns));
        var cells = sorted.SelectMany((updates, row) => Bins(updates, bin).Select(b =>
            (At: (double[])[row, b.From - 0.5, bin, 0.08 + (0.67 * b.Strength)],
                Tip: $"{Behind(b.From)} behind: {Figures.Percent(b.Share)}"))).ToList();
        var chart = new Chart($"Staleness of updates by device, {mode.Kind}. {Said(story, mode)}")
        {
            Rows = devices,
            Cells = cells.Select(c => c.At),
            Tips = cells.Select(c => c.Tip),
            Dots = sorted.Select(s => Figures.Percentile(s, 0.5)),
            Ticks = sorted.Select(s => Figures.Percentile(s, 0.95)),
            Totals = sorted.Select(s => $"{Figures.Percentile(s, 0.5)} / {Figures.Percentile(s, 0.95)}"),
            Color = mode.Color,
            RowHeight = 18,
            Unit = "versions behind; at the right p50 / p95",
            Low = -0.5,
            High = most + 0.5,
        };
        return Section.Figure(mode.Title, chart.Draw(),
            Tables.Details($"Staleness by device, {mode.Kind}", Heads, devices.Select(d => Row(story, mode, d))));
    }

    private static IEnumerable<(long From, double Share, double Strength)> Bins(List<long> sorted, int bin)
    {
        var bins = sorted.CountBy(s => s / bin * bin).ToList();
        var most = (double)bins.Max(b => b.Value);
        return bins.Select(b => (b.Key, (double)b.Value / sorted.Count, b.Value / most));
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
