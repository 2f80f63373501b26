namespace StreamLearn.Simulated;

internal static class ConfusionSection
{
    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Confusion is { } c && ClassesOf(c) > 0 && c.Counts.Any(static n => n > 0)).ToList();
        if (modes.Count == 0) { return null; }
        return new("confusion", "Confusion matrix", [.. modes.Select(m => Said(story, m))],
            "Rows of a line have the same label; the columns, numbered like the lines, are the answers. Correct answers are on the "
                + "diagonal.",
            Fragment.Of($"""<div class="pair">{modes.Select(m => Figure(story, m))}</div>"""));
    }

    private static int ClassesOf(ConfusionJudged confusion)
    {
        var classes = (int)Math.Sqrt(confusion.Counts.Count);
        return classes * classes == confusion.Counts.Count ? classes : 0;
    }

    private static Fragment Figure(RunStory story, ModeStory mode)
    {
        var confusion = mode.Confusion!;
        var classes = ClassesOf(confusion);
        var names = Enumerable.Range(0, classes).Select(story.ClassName).ToList();
        return Section.Figure(mode.Title,
            Tables.Table($"Confusion matrix{mode.Suffix}",
                ["<label", .. Enumerable.Range(1, classes).Select(n => FormattableString.Invariant($"{n}"))],
                names.Select((n, label) => (IReadOnlyList<Fragment>)[Fragment.Of($"{Figures.Short(n, 18)} {label + 1}"),
                    .. Enumerable.Range(0, classes).Select(answer => Cell(names, confusion, label, answer))])),
            Recalls(mode, names, confusion));
    }

    private static Fragment Recalls(ModeStory mode, List<string> names, ConfusionJudged confusion)
    {
        double RecallOf(int label) => (double)confusion.Counts[(label * names.Count) + label] / RowsOf(names, confusion, label);
        var judged = Enumerable.Range(0, names.Count).ToLookup(label => LabelledAs(names, confusion, label) > 0);
        var (rows, worst) = (judged[true].ToList(), judged[true].MinBy(RecallOf));
        var chart = new Chart($"Recall by class{mode.Suffix}. Least for {names[worst]}: {Figures.Percent(RecallOf(worst))}."
            + (judged.Contains(false) ? $" Not judged, without rows: {string.Join(", ", judged[false].Select(c => names[c]))}." : ""))
        {
            Rows = rows.ConvertAll(c => names[c]),
            Bars = [Bars.Of("recall", mode.Color, Enumerable.Range(0, rows.Count), i => RecallOf(rows[i]), static v => Figures.Percent(v))],
            High = 1,
        };
        return chart.Under("Recall by class");
    }

    private static Fragment Cell(List<string> names, ConfusionJudged confusion, int label, int answer)
    {
        var count = confusion.Counts[(label * names.Count) + answer];
        var share = (double)count / RowsOf(names, confusion, label);
        // Wrong answers have their own color at double strength, since a tenth confused is much.
        return Tables.Tinted("heat", count == 0 ? "·" : Figures.Count(count), label == answer ? share : share * 2,
            label == answer ? "c0" : "c1",
            $"{names[label]} answered as {names[answer]}: {Figures.Count(count)} ({Figures.Percent(share)})");
    }

    private static long RowsOf(List<string> names, ConfusionJudged confusion, int label) =>
        Math.Max(1, LabelledAs(names, confusion, label));

    private static long LabelledAs(List<string> names, ConfusionJudged confusion, int label) =>
        confusion.Counts.Skip(label * names.Count).Take(names.Count).Sum();

    private static string Unjudged(RunStory story, ModeStory mode)
    {
        var classes = ClassesOf(mode.Confusion!);
        string[] names = [.. Enumerable.Range(0, classes).Where(c => mode.Confusion!.Counts.Skip(c * classes).Take(classes).Sum() == 0)
            .Select(story.ClassName)];
        return names.Length == 0 ? "" : $" No row of {string.Join(", ", names)} was judged.";
    }

    private static string Said(RunStory story, ModeStory mode)
    {
        var counts = mode.Confusion!.Counts;
        var classes = ClassesOf(mode.Confusion);
        var wrong = Enumerable.Range(0, counts.Count).Where(i => i / classes != i % classes).MaxBy(i => counts[i]);
        if (classes < 2 || counts[wrong] == 0)
        {
            return $"{Figures.Sentence(mode.Subject)} answered every row with its label.{Unjudged(story, mode)}";
        }

        var (label, answer) = Math.DivRem(wrong, classes);
        return $"What {mode.Subject} confused most: {story.ClassName(label)} answered as {story.ClassName(answer)}, "
            + $"{Figures.Count(counts[wrong])} of {Figures.Count(counts.Skip(label * classes).Take(classes).Sum(), "row")}.";
    }
}
