namespace StreamLearn.Simulated;

internal static class FleetStrips
{
    private const double High = 26;
    private const double Gap = 36;         // two lines of text, because one is wider than a phone

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
        return Section.Figure($"{mode.Title}: all {Figures.Count(devices.Count)} devices", Fragment.Empty,
            Svg.Plot($"strips-{mode.Id}", $"All devices, {mode.Kind}", said, new((int)(drawn.Count * (High + Gap)) + 4, 0, 0),
                Fragment.Of($"{drawn.Select((s, i) => Strip(mode, devices, s.Name, s.Of, s.Text, i * (High + Gap)))}")), Fragment.Empty);
    }

    private static Fragment Strip(
        ModeStory mode, IReadOnlyList<string> devices, string name, Func<string, double?> of, Func<double, string> text, double y)
    {
        var values = devices.Select(of).ToList();
        var most = values.OfType<double>().Where(double.IsFinite).Max();
        var scale = most > 0 ? most : 1;
        var cells = values.Select((value, i) => value is not { } v || !double.IsFinite(v)
            ? Fragment.Empty
            : Cell(mode, i, Math.Clamp(v / scale, 0, 1)));
        return Fragment.Of(
            $"""
            <text x="0" y="{y + 13:0.#}" class="strong">{name}</text>
            <text x="0" y="{y + 29:0.#}">{Range(devices, of, text)}</text>
            {Svg.Stretched(y + Gap - 2, High - 4, devices.Count, 1, Fragment.Of($"{cells}"))}
            """);
    }

    private static Fragment Cell(ModeStory mode, int x, double share) => Fragment.Of(
        $"""<rect class="{mode.Style}" x="{x}" width="1" height="1" fill-opacity="{0.06 + (0.9 * share):0.##}"/>""");

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
