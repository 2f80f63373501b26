namespace StreamLearn.Simulated;

/// <summary>Queued messages over time, a small plot per device with common axes.</summary>
internal static class BacklogSection
{
    private const int Height = 46;
    private static readonly string[] Heads = ["<device", "<mode", "looks", "mean", "most", "at / s", "in the end"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Samples.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        var devices = story.Devices.Where(d => modes.Exists(m => m.Samples[d].Any())).ToList();
        var most = Math.Max(1, modes.SelectMany(m => m.Samples.SelectMany(s => s)).Max(s => s.Backlog));
        var (x, y) = (Axis.Exact(0, modes.Max(m => m.Length)), new Axis(0, most, most));
        return new("backlog", "Backlog", [Said(devices, modes)],
            "Messages that wait on the edges of a device, over time. All plots share their axes: "
                + $"from 0 to {Figures.Seconds(x.High)}, and up to {Figures.Count(most, "message")}.",
            Section.Figure("", Section.Legend(modes.Select(m => (m.Style, m.Kind))),
                Fragment.Of($"""<div class="multiples">{devices.Select((d, i) => Small(story, modes, d, i, x, y))}</div>"""),
                Tables.Details("Backlog by device", Heads,
                    devices.SelectMany(d => modes.Where(m => m.Samples[d].Any()).Select(m => Row(m, d))))));
    }

    private static Fragment Small(RunStory story, List<ModeStory> modes, string device, int index, Axis x, Axis y)
    {
        var lines = modes.AsEnumerable().Reverse().Select(m => Fragment.Of(
            $"""
            <path class="line thin {m.Style}"
            d="{LineChart.PathOf([.. m.Samples[device].Select(s => (s.Seconds, (double)s.Backlog))], x, v => YOf(y, v))}"/>
            """));
        var spoken = string.Join(" ", modes.Select(m => Spoken(m, device)));
        var plot = Svg.Plot($"backlog-{index}", $"Backlog of {device}", spoken, new(Height, 0, 0), Fragment.Of(
            $"""
            <line class="axis" x1="0" x2="100%" y1="{Height - 1}" y2="{Height - 1}"/>
            {Svg.Stretched(0, Height, 1000, Height, Fragment.Of($"{lines}"))}
            """));
        return Fragment.Of(
            $"""
            <div class="small"><p><b title="{device}">{device}</b> <span>max {MaxText(modes, device)}</span></p>
            {plot}<p class="role">{story.RoleOf(device)}</p></div>

            """);
    }

    private static double YOf(Axis axis, double value) => Height - 2 - (axis.Share(value) * (Height - 6));

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
