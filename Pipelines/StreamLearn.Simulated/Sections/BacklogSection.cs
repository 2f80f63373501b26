namespace StreamLearn.Simulated;

internal static class BacklogSection
{
    private static readonly string[] Heads = ["<device", "<mode", "looks", "mean", "most", "at / s", "in the end"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Samples.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        var devices = story.Devices.Where(d => modes.Exists(m => m.Samples[d].Any())).ToList();
        var most = Math.Max(1, modes.SelectMany(m => m.Samples.SelectMany(s => s)).Max(s => s.Backlog));
        var length = modes.Max(m => m.Length);
        return new("backlog", "Backlog", [Said(devices, modes)],
            "Messages that wait on the edges of a device, over time. All plots share their axes: "
                + $"from 0 to {Figures.Seconds(length)}, and up to {Figures.Count(most, "message")}.",
            Section.Figure("", Fragment.Of($"""<div class="multiples">{devices.Select(d => Small(story, modes, d, length, most))}</div>"""),
                Tables.Details("Backlog by device", Heads,
                    devices.SelectMany(d => modes.Where(m => m.Samples[d].Any()).Select(m => Row(m, d))))));
    }

    private static Fragment Small(RunStory story, List<ModeStory> modes, string device, double length, long most)
    {
        var chart = new Chart($"Backlog of {device}. {string.Join(" ", modes.Select(m => Spoken(m, device)))}")
        {
            Curves = modes.AsEnumerable().Reverse().Select(m =>
                new Curve(m.Kind, m.Color, m.Samples[device].Select(s => (double[])[s.Seconds, s.Backlog]))),
            IsSmall = true,
            XHigh = length,
            High = most,
        };
        return Fragment.Of(
            $"""
            <div class="small"><p><b title="{device}">{device}</b> <span>max {MaxText(modes, device)}</span></p>
            {chart.Draw()}<p class="role">{story.RoleOf(device)}</p></div>

            """);
    }

    private static string MaxText(List<ModeStory> modes, string device) =>
        string.Join(" / ", modes.Select(m => m.Samples[device].Any() ? Figures.Count(m.Samples[device].Max(s => s.Backlog)) : "–"));

    private static string Spoken(ModeStory mode, string device) => !mode.Samples[device].Any()
        ? $"Not present in mode {mode.Kind}."
        : $"In mode {mode.Kind} at most {Figures.Count(mode.Samples[device].Max(s => s.Backlog), "message")} waited, "
            + $"{Figures.Count(mode.Samples[device].Last().Backlog)} in the end.";

    private static string Said(List<string> devices, List<ModeStory> modes)
    {
        var (mode, look) = modes.SelectMany(m => devices.SelectMany(d => m.Samples[d].Select(s => (m, s)))).MaxBy(s => s.s.Backlog);
        return look.Backlog == 0 ? "No message waited at any sample."
            : $"The longest queue was that of {look.Device} ({mode.Kind}): {Figures.Count(look.Backlog, "message")} at "
                + $"{Figures.Seconds(look.Seconds)}.";
    }

    private static IReadOnlyList<Fragment> Row(ModeStory mode, string device)
    {
        var samples = mode.Samples[device].ToList();
        var most = samples.MaxBy(s => s.Backlog)!;
        return Tables.Cells(device, mode.Mode, Figures.Count(samples.Count), Figures.Number(samples.Average(s => (double)s.Backlog), "0.0"),
            Figures.Count(most.Backlog), Figures.Number(most.Seconds, "0.#"), Figures.Count(samples[^1].Backlog));
    }
}
