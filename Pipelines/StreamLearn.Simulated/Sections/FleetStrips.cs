namespace StreamLearn.Simulated;

internal static class FleetStrips
{
    /// <summary>Draws the strips; empty if devices have their own lines.</summary>
    internal static Fragment Of(RunStory story, IReadOnlyList<ModeStory> modes) =>
        story.AllDevices.Count <= RunStory.MaxDevices ? Fragment.Empty
            : Fragment.Of($"{modes.Where(m => m.Samples.Count > 0).Select(m => Figure(story, m))}");

    private static Fragment Figure(RunStory story, ModeStory mode)
    {
        var devices = story.AllDevices;
        (string Name, Func<string, double?> Of, Func<double, string> Text)[] strips =
        [
            ("accuracy on own rows", d => mode.Last(d)?.PrequentialAccuracy, v => Figures.Percent(v)),
            ("updates", d => mode.Last(d)?.Updates, v => Figures.Count((long)v)),
            ("step time / median", d => mode.Stragglers.GetValueOrDefault(d)?.Score, v => Figures.Number(v, "0.0")),
            ("staleness, median", d => MedianStaleness(mode, d), v => Figures.Count((long)v)),
            ("waited for credit", d => mode.Last(d) is { Seconds: > 0 } s ? s.WaitedSeconds / s.Seconds : null, v => Figures.Percent(v)),
        ];
        var drawn = strips.Where(s => devices.Any(d => s.Of(d) is { } v && v > 0 && double.IsFinite(v))).ToList();
        var said = string.Join(" ", drawn.Select(s => $"{Figures.Sentence(s.Name)}: {Range(devices, s.Of, s.Text)}."));
        var cells = drawn.SelectMany((strip, row) => CellsOf(devices, strip.Of).Select(c =>
            (At: (double[])[row, c.Device, 1, 0.06 + (0.9 * c.Share)], Tip: $"{devices[c.Device]} {strip.Text(c.Value)}"))).ToList();
        var chart = new Chart($"All devices, {mode.Kind}. {said}")
        {
            Rows = drawn.Select(s => s.Name),
            Cells = cells.Select(c => c.At),
            Tips = cells.Select(c => c.Tip),
            Color = mode.Color,
            High = devices.Count,
            RowHeight = 30,
        };
        return Section.Figure($"{mode.Title}: all {Figures.Count(devices.Count)} devices", chart.Draw(),
            Fragment.Of($"""<p class="muted">{said}</p>"""));
    }

    private static IEnumerable<(int Device, double Value, double Share)> CellsOf(IReadOnlyList<string> devices, Func<string, double?> of)
    {
        var values = devices.Select((d, i) => (Device: i, Value: of(d) ?? double.NaN)).Where(v => double.IsFinite(v.Value)).ToList();
        var most = values.Max(v => v.Value);
        return values.Select(v => (v.Device, v.Value, Math.Clamp(v.Value / most, 0, 1)));
    }

    private static string Range(IReadOnlyList<string> devices, Func<string, double?> of, Func<double, string> text)
    {
        List<double> sorted = [.. devices.Select(of).OfType<double>().Where(double.IsFinite).Order()];
        return $"{text(sorted[0])} to {text(sorted[^1])}, median {text(Figures.Percentile(sorted, 0.5))}";
    }

    private static double? MedianStaleness(ModeStory mode, string device)
    {
        List<long> sorted = [.. mode.Updates[device].Select(u => u.Staleness).Order()];
        return sorted.Count == 0 ? null : Figures.Percentile(sorted, 0.5);
    }
}
