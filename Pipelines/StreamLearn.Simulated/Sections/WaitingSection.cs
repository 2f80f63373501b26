namespace StreamLearn.Simulated;

/// <summary>Time of each device spent without computing.</summary>
internal static class WaitingSection
{
    private const int MostTimes = 12;
    private static readonly string[] Heads = ["<mode", "at / s", "<what", "<server", "sessions", "away / s", "<reason"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => story.Devices.Any(d => WaitOf(m, d) >= 0.0005)).ToList();
        var changes = story.Modes.SelectMany(m => m.Connections).ToList();
        if (modes.Count + changes.Count == 0) { return null; }
        return new("waiting", "Waiting and connections", [.. modes.Select(m => Said(story, m)), .. Lost(story)],
            "Share of the run in which a device had no credit for another update, because the aggregator had not answered the previous "
                + "ones.",
            Fragment.Of($"{(modes.Count == 0 ? Fragment.Empty : Figure(story, modes))}{Changes(changes)}"));
    }

    private static double WaitOf(ModeStory mode, string device) =>
        mode.Last(device) is { Seconds: > 0 } last && double.IsFinite(last.WaitedSeconds) ? last.WaitedSeconds / last.Seconds : 0;

    private static Fragment Figure(RunStory story, List<ModeStory> modes)
    {
        var devices = story.Devices.Where(d => modes.Exists(m => WaitOf(m, d) >= 0.0005)).ToList();
        var chart = new BarChart
        {
            X = new(0, Math.Max(0.01, devices.Max(d => modes.Max(m => WaitOf(m, d)))), 1),
            Rows = [.. devices.Select(d => new BarRow(d, [.. modes.Select(m => new Bar(
                [new(WaitOf(m, d), m.Style, $"{d}, {m.Kind}: {Figures.Percent(WaitOf(m, d))}")], Figures.Percent(WaitOf(m, d))))]))],
        };
        return Section.Figure("", Section.Legend(modes.Select(m => (m.Style, m.Kind))),
            chart.Plot("waiting-plot", "Waiting for credit by device", string.Join(" ", modes.Select(m => Said(story, m))),
                Svg.MarginOf(devices), 62),
            Fragment.Empty);
    }

    private static Fragment Changes(List<RunEvent> changes) => Tables.Table(
        changes.Count > MostTimes ? $"Connections, the first {MostTimes} of {Figures.Count(changes.Count, "change")}"
            : "Connections", Heads,
        changes.Take(MostTimes).Select(c => c is ConnectionLost lost
            ? Tables.Cells(lost.Mode, Figures.Number(lost.Seconds, "0.0"), "lost", lost.Server, Figures.Count(lost.Sessions),
                Figures.None, lost.Reason)
            : Tables.Cells(c.Mode, Figures.Number(c.Seconds, "0.0"), "back", ((ConnectionBack)c).Server, Figures.None,
                Figures.Number(((ConnectionBack)c).AwaySeconds, "0.0"), "")));

    private static string Said(RunStory story, ModeStory mode)
    {
        var most = story.Devices.MaxBy(d => WaitOf(mode, d))!;
        return $"In {mode.Subject} {most} waited longest: {Figures.Percent(WaitOf(mode, most))} of the run.";
    }

    private static IEnumerable<string> Lost(RunStory story) => story.Modes
        .Select(m => (m.Subject, Lost: m.Connections.OfType<ConnectionLost>().ToList()))
        .Where(m => m.Lost.Count > 0)
        .Select(m => $"{Figures.Sentence(m.Subject)} lost its connection {Figures.Count(m.Lost.Count, "time")}, "
            + $"{Figures.Count(m.Lost.Sum(c => (long)c.Sessions), "session")} in all.");
}
