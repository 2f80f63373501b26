namespace StreamLearn.Simulated;

internal static class ConfusionSection
{
    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Confusion is { } c && ClassesOf(c) > 0).ToList();
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
        var map = new HeatMap
        {
            Rows = [.. names.Select((n, i) => $"{Figures.Short(n, 18)} {i + 1}")],
            Columns = [.. names.Select((_, i) => FormattableString.Invariant($"{i + 1}"))],
            Cells = [.. confusion.Counts.Select((count, index) => Cell(names, confusion, count, index))],
        };
        return Section.Figure(mode.Title, Fragment.Empty,
            Svg.Plot($"confusion-{mode.Id}", $"Confusion matrix, {mode.Kind}", Said(story, mode),
                new(map.Height, Svg.MarginOf(map.Rows), 0), map.Draw()),
            Fragment.Of(
                $"""
                {Tables.Details($"Confusion matrix as a table, {mode.Kind}", ["<label", .. names.Select(n => $"answered {n}"), "recall"],
                    names.Select((n, row) => Row(n, [.. confusion.Counts.Skip(row * classes).Take(classes)], row)))}
                {Recalls(mode, names, confusion)}
                """));
    }

    private static Fragment Recalls(ModeStory mode, List<string> names, ConfusionJudged confusion)
    {
        double RecallOf(int label) => (double)confusion.Counts[(label * names.Count) + label]
            / Math.Max(1, confusion.Counts.Skip(label * names.Count).Take(names.Count).Sum());
        var chart = new BarChart
        {
            X = new(0, 1, 1),
            Rows = [.. names.Select((n, i) => new BarRow(n, [new([new(RecallOf(i), mode.Style,
                $"{n}: recall {Figures.Percent(RecallOf(i))}")],
                Figures.Percent(RecallOf(i)))]))],
        };
        var worst = Enumerable.Range(0, names.Count).MinBy(RecallOf);
        var least = $"Least for {names[worst]}: {Figures.Percent(RecallOf(worst))}.";
        return Fragment.Of(
            $"""
            <h4>Recall by class</h4>
            {chart.Plot($"recall-{mode.Id}", $"Recall by class, {mode.Kind}", least, Svg.MarginOf(names), 62)}
            """);
    }

    private static HeatCell Cell(List<string> names, ConfusionJudged confusion, long count, int index)
    {
        var (label, answer) = Math.DivRem(index, names.Count);
        var share = (double)count / Math.Max(1, confusion.Counts.Skip(label * names.Count).Take(names.Count).Sum());
        // Wrong answers have their own color at double strength: a tenth confused is much.
        var (style, strength) = label == answer ? ("right", share) : ("wrong", Math.Min(1, share * 2));
        return new(count == 0 ? "·" : Figures.Count(count), style, strength,
            $"{names[label]} answered as {names[answer]}: {Figures.Count(count)} ({Figures.Percent(share)})");
    }

    private static string Said(RunStory story, ModeStory mode)
    {
        var counts = mode.Confusion!.Counts;
        var classes = ClassesOf(mode.Confusion);
        var wrong = Enumerable.Range(0, counts.Count).Where(i => i / classes != i % classes).MaxBy(i => counts[i]);
        if (classes < 2 || counts[wrong] == 0) { return $"{Figures.Sentence(mode.Subject)} answered every row with its label."; }
        var (label, answer) = Math.DivRem(wrong, classes);
        return $"What {mode.Subject} confused most: {story.ClassName(label)} answered as {story.ClassName(answer)}, "
            + $"{Figures.Count(counts[wrong])} of {Figures.Count(counts.Skip(label * classes).Take(classes).Sum(), "row")}.";
    }

    private static IReadOnlyList<Fragment> Row(string name, List<long> counts, int label) => Tables.Cells(
        [name, .. counts.Select(Figures.Count), Figures.Percent((double)counts[label] / Math.Max(1, counts.Sum()))]);
}
