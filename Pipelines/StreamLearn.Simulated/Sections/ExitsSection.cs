namespace StreamLearn.Simulated;

internal static class ExitsSection
{
    private static readonly string[] Heads = ["<", "share of rows", "accuracy of these", "multiply-adds per row", "rows", "threshold"];

    internal static double AccuracyOf(ExitsJudged exits) => (double)exits.Exits.Sum(e => e.Correct) / RowsOf(exits);

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(HasExits).ToList();
        if (modes.Count == 0) { return null; }
        return new("exits", "Early exits", [.. modes.Select(m => Said(m, m.Exits!))],
            string.Join(" ", modes.Select(m => m.Exits!.Text).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)
                .Append("A row that leaves early skips the remaining layers.")),
            Fragment.Of($"{modes.Select(m => Figure(story, m, m.Exits!))}"));
    }

    internal static bool HasExits(ModeStory mode) => mode.Exits is { Exits.Count: > 1 };

    private static long RowsOf(ExitsJudged exits) => Math.Max(1, exits.Exits.Sum(e => e.Rows));

    private static double AccuracyAt(ExitJudged exit) => (double)exit.Correct / Math.Max(1, exit.Rows);

    private static string Said(ModeStory mode, ExitsJudged exits)
    {
        var text = $"In the model of {mode.Subject}, {Figures.Percent((double)exits.Exits[0].Rows / RowsOf(exits))} of the rows leave at "
            + $"exit 1. That saves {Figures.Percent(1 - exits.MultiplyAddsFraction)} of the multiply-adds for "
            + $"{Figures.Points(AccuracyOf(exits) - exits.FullNetworkAccuracy)} of accuracy.";
        return exits is { FullNanosecondsPerRow: { } full, ExitNanosecondsPerRow: { } early }
            ? $"{text} The CPU time of a row goes from {Figures.Nanoseconds(full)} to {Figures.Nanoseconds(early)}, "
                + $"{Figures.Percent(early / full)} of it."
            : text;
    }

    private static Fragment Figure(RunStory story, ModeStory mode, ExitsJudged exits)
    {
        var full = (double)Math.Max(1, exits.Exits[^1].MultiplyAdds);
        double[] shares = [.. exits.Exits.Select(e => (double)e.Rows / RowsOf(exits))];
        double[] accuracies = [.. exits.Exits.Select(AccuracyAt), AccuracyOf(exits), exits.FullNetworkAccuracy];
        double[] works = [.. exits.Exits.Select(e => e.MultiplyAdds / full), exits.MultiplyAddsFraction, 1];
        return Section.Figure(mode.Title, Fragment.Of(
            $"""
            <div class="columns">
            {Plot(mode, exits, "Share of rows", shares)}
            {Plot(mode, exits, "Accuracy", accuracies)}
            {Plot(mode, exits, "Multiply-adds a row", works)}</div>

            """),
            Tables.Table($"Exits by {exits.Measure}, {mode.Kind}", Heads, Rows(story, exits)));
    }

    private static Fragment Plot(ModeStory mode, ExitsJudged exits, string what, double[] shares)
    {
        var (count, texts) = (exits.Exits.Count, shares.Select(s => Figures.Percent(s)));
        List<string> names = [.. exits.Exits.Select((_, i) => FormattableString.Invariant($"exit {i + 1}")), "with exits", "full network"];
        var chart = new Chart($"{what} by exit, {mode.Kind}. {Said(mode, exits)}")
        {
            Rows = names.Take(shares.Length),
            Bars =
            [
                new(what, mode.Color, shares.Take(count), texts),
                new(what, "quiet", shares.Select((s, i) => i < count ? double.NaN : s), texts),
            ],
            Totals = texts,
            High = 1,
        };
        return chart.Under(what);
    }

    private static IEnumerable<IReadOnlyList<Fragment>> Rows(RunStory story, ExitsJudged exits)
    {
        var all = RowsOf(exits);
        var described = story.Start?.ExitMultiplyAdds ?? [];
        foreach (var (exit, number) in exits.Exits.Select((e, i) => (e, i)))
        {
            var differs = number < described.Count && described[number] != exit.MultiplyAdds;
            yield return Tables.Cells(FormattableString.Invariant($"exit {number + 1}"), Figures.Percent((double)exit.Rows / all),
                Figures.Percent(AccuracyAt(exit)),
                Figures.Count(exit.MultiplyAdds) + (differs ? $" (model: {Figures.Count(described[number])})" : ""),
                Figures.Count(exit.Rows), Figures.Number(exit.Threshold));
        }

        var (full, fraction) = (exits.Exits[^1].MultiplyAdds, exits.MultiplyAddsFraction);
        yield return Tables.Cells("with exits", Figures.Percent(1), Figures.Percent(AccuracyOf(exits)),
            Figures.Number(fraction * full, "N0"), Figures.Count(all), "");
        yield return Tables.Cells("full network", "", Figures.Percent(exits.FullNetworkAccuracy), Figures.Count(full),
            Figures.Count(all), "");
    }
}
