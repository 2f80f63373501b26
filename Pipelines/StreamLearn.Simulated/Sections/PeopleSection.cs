namespace StreamLearn.Simulated;

internal static class PeopleSection
{
    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.People is { People.Count: > 1 }).ToList();
        if (modes.Count == 0) { return null; }
        return new("people", $"{Figures.Sentence(story.Judges)}, worst first", [.. modes.Select(Said)],
            $"{Figures.Sentence(story.Judges)} differ more than rows do: a mean over all hides a {story.Judge} on whom the model fails.",
            Fragment.Of($"{modes.Select(m => Figure(story, m))}"));
    }

    private static double AccuracyOf(PersonJudged person) => (double)person.Correct / Math.Max(1, person.Rows);

    private static Fragment Figure(RunStory story, ModeStory mode)
    {
        List<PersonJudged> all = [.. mode.People!.People.OrderBy(AccuracyOf)];
        var people = all.Take(RunStory.MaxDevices).ToList();
        var chart = new Chart($"Accuracy by judged {story.Judge}{mode.Suffix}. {Said(mode)}")
        {
            Rows = people.Select(p => p.Name),
            Bars = [Bars.Of("accuracy", mode.Color, people, AccuracyOf, static v => Figures.Percent(v))],
            High = 1,
        };
        return Section.Figure(mode.Title, chart.Draw(),
            Tables.Details($"Accuracy by judged {story.Judge}{mode.Suffix}", [$"<{story.Judge}", "rows", "right", "accuracy"],
                all.Select(p => Tables.Cells(
                p.Name, Figures.Count(p.Rows), Figures.Count(p.Correct), Figures.Percent(AccuracyOf(p))))));
    }

    private static string Said(ModeStory mode)
    {
        var (least, most) = (mode.People!.People.MinBy(AccuracyOf)!, mode.People.People.MaxBy(AccuracyOf)!);
        return $"{Figures.Sentence(mode.Subject)} answered {least.Name} worst ({Figures.Percent(AccuracyOf(least))}) and {most.Name} best "
            + $"({Figures.Percent(AccuracyOf(most))}).";
    }
}
