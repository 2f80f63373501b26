namespace StreamLearn.Simulated;

/// <summary>Shows how long each device was not computing.</summary>
internal static class WaitingSection
{
    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => story.Devices.Any(d => WaitOf(m, d) >= 0.0005)).ToList();
        if (modes.Count == 0) { return null; }
        return new("waiting", "Waiting and connections", [.. modes.Select(m => Said(story, m))],
            "Share of the run for which a device had no credit for a further update: its aggregator had not answered the ones before.",
            Figure(story, modes));
    }

    private static double WaitOf(ModeStory mode, string device) =>
        mode.Last(device) is { Seconds: > 0 } last && double.IsFinite(last.WaitedSeconds) ? last.WaitedSeconds / last.Seconds : 0;

    private static Fragment Figure(RunStory story, List<ModeStory> modes)
    {
        var devices = story.Devices.Where(d => modes.Exists(m => WaitOf(m, d) >= 0.0005)).ToList();
        var chart = new Chart($"Waiting for credit by device. {string.Join(" ", modes.Select(m => Said(story, m)))}")
        {
            Rows = devices,
            Bars = [.. modes.Select(m => Bars.Of(m.Kind, m.Color, devices, d => WaitOf(m, d), static v => Figures.Percent(v)))],
            High = Math.Max(0.01, devices.Max(d => modes.Max(m => WaitOf(m, d)))),
        };
        return Section.Figure("", chart.Draw(),
            Tables.Details("Waiting by device", ["<device", .. modes.Select(static m => m.Kind)],
                devices.Select(d => Tables.Cells([d, .. modes.Select(m => Figures.Percent(WaitOf(m, d)))]))));
    }

    private static string Said(RunStory story, ModeStory mode)
    {
        var most = story.Devices.MaxBy(d => WaitOf(mode, d))!;
        return $"In {mode.Subject} {most} waited longest: {Figures.Percent(WaitOf(mode, most))} of the run.";
    }
}
