namespace StreamLearn.Simulated;

internal static class AccuracySection
{
    private static readonly string[] Heads = ["<mode", "time / s", "version", "accuracy", "kappa", "loss", "rows"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Judgments.Count > 0).ToList();
        if (modes.Count == 0) { return null; }
        return new("accuracy", $"Accuracy over {story.Time} time",
            [.. modes.Select(m => Said(story, m))],
            $"Measured on {story.Judges} that no device has learned from. The target is reached at the first of three consecutive "
                + "measurements that meet it. The strong line is the mean of nine measurements, the faint one each of them.",
            Fragment.Of($"{Figure(story, modes, "accuracy-plot", $"Accuracy on unseen {story.Judges}")}{Losses(story, modes)}"));
    }

    internal static IEnumerable<Section> Cases(RunStory story)
    {
        var number = 0;
        foreach (var group in story.Cases)
        {
            var modes = group.Where(m => m.Judgments.Count > 0 || m.Ended is not null).ToList();
            if (modes.Count == 0) { continue; }
            number++;
            yield return new($"case-{number}", Title(story, group.Key, modes),
                [Gain(story, group.Key, modes), .. modes.Select(m => Said(story, m))], Setting(modes),
                Figure(story, modes, $"case-{number}-plot", $"Accuracy on unseen {story.Judges}, case {group.Key}"));
        }
    }

    /// <summary>A separate plot file; empty without judgments.</summary>
    internal static string File(RunStory story)
    {
        var modes = story.Main.Where(m => m.Judgments.Count > 0).ToList();
        var chart = Chart(story, modes) with { Size = new(280, 0, 0) };
        return Fragment.Of(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 350" width="720" height="350" role="img"
              aria-label="{Summary(story, modes)}">
            <style>{new Fragment(PageStyle.Plot)}</style>
            <rect class="paper" width="720" height="350"/>
            <text class="strong" x="16" y="26">Accuracy on unseen {story.Judges} over {story.Time} time</text>
            <svg x="56" y="44" width="580" height="280" overflow="visible">
            {chart.Draw()}
            </svg>
            </svg>

            """).Markup;
    }

    private static Fragment Figure(RunStory story, List<ModeStory> modes, string id, string title)
    {
        var chart = Chart(story, modes);
        return Section.Figure("", Fragment.Empty,
            Svg.Plot(id, $"{title} over {story.Time} time", Summary(story, modes), chart.Size, chart.Draw()),
            Tables.Details("All judgments", Heads, modes.SelectMany(Rows)));
    }

    private static Fragment Losses(RunStory story, List<ModeStory> modes)
    {
        var losses = modes.SelectMany(m => m.Judgments).Select(j => j.Loss).Where(double.IsFinite).ToList();
        if (losses.Count < 2) { return Fragment.Empty; }
        var chart = new LineChart
        {
            Lines = [.. modes.Select(m => new PlotLine(m.Kind, m.Style, [.. m.Judgments.Select(j => (j.Seconds, j.Loss))]))],
            X = XOf(modes),
            Y = Axis.Rounded(0, losses.Max(), 3),
            XUnit = $"{story.Time} seconds",
            YLabel = y => Figures.Number(y, "0.##"),
            Size = new(180, 44, 62),
        };
        var said = string.Join(" ", modes.Where(m => m.Judgments.Count > 0)
            .Select(m => $"{Figures.Sentence(m.Subject)}: {Figures.Number(m.Judgments[^1].Loss)} in the end."));
        return Section.Figure($"Loss on the same {story.Judges}", Fragment.Empty,
            Svg.Plot("loss-plot", $"Loss on unseen {story.Judges} over {story.Time} time", said, chart.Size, chart.Draw()), Fragment.Empty);
    }

    private static Axis XOf(List<ModeStory> modes) =>
        Axis.Exact(0, modes.SelectMany(m => m.Judgments).Select(j => j.Seconds).Where(double.IsFinite).DefaultIfEmpty(1).Max());

    private static IEnumerable<PlotLine> LinesOf(ModeStory mode)
    {
        IReadOnlyList<(double X, double Y)> points = [.. mode.Judgments.Select(j => (j.Seconds, j.Accuracy))];
        yield return new(mode.Kind, mode.Style, points, IsFaint: true);
        yield return new(mode.Kind, mode.Style, LineChart.Smooth(points));
    }

    private static LineChart Chart(RunStory story, List<ModeStory> modes)
    {
        var judgments = modes.SelectMany(m => m.Judgments).Where(j => double.IsFinite(j.Accuracy)).ToList();
        var least = judgments.Select(j => j.Accuracy).DefaultIfEmpty(0).Min();
        var target = story.Start?.TargetAccuracy;
        return new()
        {
            Lines = [.. modes.SelectMany(LinesOf)],
            Marks = [.. modes.Where(m => m.Ended?.SecondsToTarget is not null).OrderBy(m => m.Ended!.SecondsToTarget)
                .Select(m => Mark(story, m, m.Ended!.SecondsToTarget!.Value)), .. modes.Select(Best).OfType<PlotMark>()],
            Level = target is { } t ? (t, $"target {Figures.RoundPercent(t)}") : null,
            X = XOf(modes),
            Y = Axis.Rounded(Math.Min(least, target ?? least), 1),
            XUnit = $"{story.Time} seconds",
            YLabel = y => Figures.RoundPercent(Math.Round(y, 6)),
        };
    }

    private static PlotMark Mark(RunStory story, ModeStory mode, double seconds)
    {
        var reached = mode.Judgments.FirstOrDefault(j => j.Seconds >= seconds - 1e-6)?.Accuracy ?? story.Start?.TargetAccuracy ?? 0;
        return new(seconds, reached, mode.Style, $"{mode.Kind} {Figures.Seconds(seconds)}");
    }

    private static PlotMark? Best(ModeStory mode) => mode.Closed is not { } closed || !double.IsFinite(closed.BestAccuracy) ? null
        : mode.Judgments.FirstOrDefault(j => j.Version == closed.BestVersion) is not { } at ? null
        : new(at.Seconds, closed.BestAccuracy, mode.Style,
            $"{mode.Kind} best {Figures.Percent(closed.BestAccuracy)}, version {closed.BestVersion}");

    private static string Summary(RunStory story, List<ModeStory> modes) => string.Join(" ", modes.Select(m => Said(story, m)));

    private static string Said(RunStory story, ModeStory mode)
    {
        var subject = Figures.Sentence(mode.Subject);
        var end = $"{Figures.Percent(mode.Accuracy)} in the end";
        if (mode.Ended is not { } ended || story.Start is not { } start) { return $"{subject}: {end}."; }
        var target = Figures.RoundPercent(start.TargetAccuracy);
        return ended.SecondsToTarget is { } seconds
            ? $"{subject} reached {target} after {Figures.Seconds(seconds)}, {end}."
            : $"{subject} did not reach {target}; {end}.";
    }

    private static double? RatioOf(List<ModeStory> modes) => TargetOf(modes, "barrier") / TargetOf(modes, "async");

    private static double? TargetOf(List<ModeStory> modes, string kind) => modes.Find(m => m.Kind == kind)?.Ended?.SecondsToTarget;

    private static string Title(RunStory story, string name, List<ModeStory> modes) =>
        RatioOf(modes) is { } ratio && RatioOf([.. story.Main]) is { } main && ratio < main
            ? $"Where asynchronous training gains less: {name}"
            : $"Another case: {name}";

    private static string Gain(RunStory story, string name, List<ModeStory> modes)
    {
        return RatioOf(modes) is not { } ratio ? ""
            : $"In the case {name} the asynchronous fleet reached the target "
                + $"{Sooner(ratio)}{(RatioOf([.. story.Main]) is { } main ? $", and in the main case {Sooner(main)}" : "")}.";
    }

    private static string Sooner(double ratio) =>
        $"{Figures.Ratio(Math.Max(ratio, 1 / ratio))} times {(ratio >= 1 ? "sooner" : "later")} than with the barrier";

    private static string Setting(List<ModeStory> modes) =>
        string.Join(" ", modes.Select(m => m.Started?.Text ?? "").Where(t => t.Length > 0).Distinct(StringComparer.Ordinal));

    private static IEnumerable<IReadOnlyList<Fragment>> Rows(ModeStory mode) => mode.Judgments.Select(j => Tables.Cells(
        mode.Mode, Figures.Number(j.Seconds, "0.##"), Figures.Count(j.Version), Figures.Number(j.Accuracy, "0.0000"),
        Figures.Number(j.Kappa, "0.0000"), Figures.Number(j.Loss, "0.0000"), Figures.Count(j.Rows)));
}
