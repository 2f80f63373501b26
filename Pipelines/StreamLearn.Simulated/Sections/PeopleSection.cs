namespace StreamLearn.Simulated;

internal static class PeopleSection
{
    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.People is { People.Count: > 1 }).ToList();
        if (modes.Count == 0) { return story.Values is { Devices.Count: > 1 } values ? OfValues(values) : null; }
        var figures = modes.Select(m => Section.Figure(m.Title, Chart(story.Judge, m), Table(story.Judge, m)));
        return new("people", Title(story.Judges), [.. modes.Select(Said)], Note(story.Judge), Fragment.Of($"{figures}"));
    }

    private static Section OfValues(ValuesJudged values)
    {
        var devices = values.Devices.OrderByDescending(static d => d.Error).ToList();
        return new("people", Title("devices"),
            [$"Worst is {devices[0].Name} ({values.Text(devices[0].Error)}), best {devices[^1].Name} ({values.Text(devices[^1].Error)})."],
            Note("device"), Section.Figure("", Plot("error", "c0", [.. devices.Select(static d => (d.Name, d.Error))], null, values.Text),
                Tables.Details("Error by device", ["<device", "windows", "mean error"],
                    devices.Select(d => Tables.Cells(d.Name, Figures.Count(d.Windows), values.Text(d.Error))))));
    }

    private static string Title(string judges) => $"{Figures.Sentence(judges)}, worst first";

    private static string Note(string judge) => $"A mean over all hides a {judge} on whom the model fails.";

    private static double AccuracyOf(PersonJudged person) => (double)person.Correct / Math.Max(1, person.Rows);

    private static IEnumerable<PersonJudged> Sorted(ModeStory mode) => mode.People!.People.OrderBy(AccuracyOf);

    private static Fragment Chart(string judge, ModeStory mode) => Plot(
        "accuracy", mode.Color, [.. Sorted(mode).Select(static p => (p.Name, AccuracyOf(p)))], 1, static v => Figures.Percent(v),
        $"Accuracy by judged {judge}{mode.Suffix}. ");

    private static Fragment Table(string judge, ModeStory mode) => Tables.Details(
        $"Accuracy by judged {judge}{mode.Suffix}", [$"<{judge}", "rows", "right", "accuracy"],
        Sorted(mode).Select(static p => Tables.Cells(
            p.Name, Figures.Count(p.Rows), Figures.Count(p.Correct), Figures.Percent(AccuracyOf(p)))));

    private static Fragment Plot(string name, string color, List<(string Name, double Value)> all, double? high, Func<double, string> text,
        string label = "")
    {
        var shown = all.Take(RunStory.MaxDevices).ToList();
        return new Chart($"{label}Worst: {all[0].Name} with {text(all[0].Value)}. Best: {all[^1].Name} with {text(all[^1].Value)}.")
        {
            Rows = shown.Select(static s => s.Name),
            Bars = [Bars.Of(name, color, shown, static s => s.Value, text)],
            High = high,
        }.Draw();
    }

    private static string Said(ModeStory mode)
    {
        var (least, most) = (mode.People!.People.MinBy(AccuracyOf)!, mode.People.People.MaxBy(AccuracyOf)!);
        return $"{Figures.Sentence(mode.Subject)} answered {least.Name} worst ({Figures.Percent(AccuracyOf(least))}) and {most.Name} best "
            + $"({Figures.Percent(AccuracyOf(most))}).";
    }
}
