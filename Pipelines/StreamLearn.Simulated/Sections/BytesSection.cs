namespace StreamLearn.Simulated;

internal static class BytesSection
{
    private static readonly string[] Heads = ["<device", "<mode", "bytes up", "bytes down", "updates", "rows in", "rows windowed"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Samples.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        var devices = story.Devices.Where(d => modes.Exists(m => m.Last(d) is not null)).ToList();
        return new("bytes", "Bytes", [.. modes.Select(Said)], "",
            Section.Figure("", Plots(modes, devices),
                Tables.Details("Bytes by device", Heads,
                    devices.SelectMany(d => modes.Where(m => m.Last(d) is not null).Select(m => Row(m, m.Last(d)!))))));
    }

    internal static long AllOf(ModeStory mode) => mode.Samples.Sum(static s => s.Last().BytesUp + s.Last().BytesDown);

    private static string Said(ModeStory mode)
    {
        var last = mode.Samples.Select(s => s.Last()).ToList();
        var (up, down, updates) = (last.Sum(s => s.BytesUp), last.Sum(s => s.BytesDown), last.Sum(s => s.Updates));
        return $"{Figures.Sentence(mode.Subject)} sent {Figures.Bytes(up)} up{(down > 0 ? $" and {Figures.Bytes(down)} down" : "")}"
            + $"{(updates > 0 ? $", {Figures.Bytes((double)up / updates)} an update" : "")}.";
    }

    private static Fragment Plots(List<ModeStory> modes, List<string> devices)
    {
        var isDownKnown = modes.Exists(m => m.Samples.Any(s => s.Last().BytesDown > 0));        // known only in the simulation
        return Fragment.Of(
            $"""
            <div class="columns">
            {Plot("up", s => s.BytesUp, modes, devices)}
            {(isDownKnown ? Plot("down", s => s.BytesDown, modes, devices) : Fragment.Empty)}</div>

            """);
    }

    private static Fragment Plot(string way, Func<DeviceSampled, long> bytes, List<ModeStory> modes, List<string> devices)
    {
        var chart = new Chart($"Bytes {way} by device and mode. {string.Join(" ", modes.Select(Said))}")
        {
            Rows = devices,
            Bars = [.. modes.Select(m => Bars.Of(m.Kind, m.Color, devices, d => m.Last(d) is { } last ? bytes(last) : double.NaN,
                Figures.Bytes))],
            High = Math.Max(1, modes.SelectMany(m => devices.Select(m.Last)).OfType<DeviceSampled>()
                .Max(s => Math.Max(s.BytesUp, s.BytesDown))),
        };
        return chart.Under(Figures.Sentence(way));
    }

    private static IReadOnlyList<Fragment> Row(ModeStory mode, DeviceSampled last) => Tables.Cells(
        last.Device, mode.Mode, Figures.Count(last.BytesUp), last.BytesDown > 0 ? Figures.Count(last.BytesDown) : "–",
        Figures.Count(last.Updates), Figures.Count(last.RowsIn), Figures.Count(last.RowsWindowed));
}
