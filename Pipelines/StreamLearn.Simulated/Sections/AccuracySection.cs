namespace StreamLearn.Simulated;

internal static class AccuracySection
{
    private static readonly string[] Heads = ["<mode", "time / s", "version", "accuracy", "kappa", "loss", "rows"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Judgments.Count > 0 && m.Kind != RunStory.Alone).ToList();
        if (modes.Count == 0) { return null; }
        return new("accuracy", $"Accuracy over {story.Time} time",
            [.. modes.Select(m => Said(story, m))],
            $"Measured on {story.Judges} that no device has learned from. The target is reached at the first of three consecutive "
                + "measurements that meet it. The strong line is the mean of nine measurements, the faint one each of them.",
            Fragment.Of($"{Figure(story, modes, $"Accuracy on unseen {story.Judges}")}{Losses(story, modes)}"));
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
                Figure(story, modes, $"Accuracy on unseen {story.Judges}, case {group.Key}"));
        }
    }

    private static Fragment Figure(RunStory story, List<ModeStory> modes, string title)
    {
        var target = story.Start?.TargetAccuracy;
        var least = modes.SelectMany(m => m.Judgments).Select(j => j.Accuracy).Append(target ?? 1).Where(double.IsFinite)
            .DefaultIfEmpty().Min();
        var chart = new Chart($"{title} over {story.Time} time. {string.Join(" ", modes.Select(m => Said(story, m)))}")
        {
            Curves = modes.Select(m => CurveOf(m, static j => j.Accuracy)),
            IsSmooth = true,
            Marks = [.. modes.Where(m => m.Ended?.SecondsToTarget is not null).OrderBy(m => m.Ended!.SecondsToTarget)
                .Select(m => MarkOf(story, m, m.Ended!.SecondsToTarget!.Value)), .. modes.Select(Best).OfType<Mark>()],
            Level = target,
            LevelText = target is { } t ? $"target {Figures.RoundPercent(t)}" : null,
            XUnit = $"{story.Time} seconds",
            Unit = "%",
            Low = Math.Min(0.9, Math.Floor(least * 10) / 10),
            High = 1,
        };
        return Section.Figure("", chart.Draw(), Tables.Details("All judgments", Heads, modes.SelectMany(Rows)));
    }

    private static Fragment Losses(RunStory story, List<ModeStory> modes)
    {
        if (modes.SelectMany(m => m.Judgments).Count(j => double.IsFinite(j.Loss)) < 2) { return Fragment.Empty; }
        var said = modes.Select(m => $" {Figures.Sentence(m.Subject)}: {Figures.Number(m.Judgments[^1].Loss)} in the end.");
        var chart = new Chart($"Loss on unseen {story.Judges} over {story.Time} time.{string.Concat(said)}")
        {
            Curves = modes.Select(m => CurveOf(m, static j => j.Loss)),
            XUnit = $"{story.Time} seconds",
            Height = 180,
        };
        return Section.Figure($"Loss on the same {story.Judges}", chart.Draw(), Fragment.Empty);
    }

    private static Curve CurveOf(ModeStory mode, Func<Judged, double> value) =>
        new(mode.Kind, mode.Color, mode.Judgments.Select(j => (double[])[j.Seconds, value(j)]));

    private static Mark MarkOf(RunStory story, ModeStory mode, double seconds)
    {
        var reached = mode.Judgments.FirstOrDefault(j => j.Seconds >= seconds - 1e-6)?.Accuracy ?? story.Start?.TargetAccuracy ?? 0;
        return new(seconds, reached, mode.Color, $"{mode.Kind} {Figures.Seconds(seconds)}");
    }

    private static Mark? Best(ModeStory mode) => mode.Closed is not { } closed || !double.IsFinite(closed.BestAccuracy) ? null
        : mode.Judgments.FirstOrDefault(j => j.Version == closed.BestVersion) is not { } at ? null
        : new(at.Seconds, closed.BestAccuracy, mode.Color,
            $"{mode.Kind} best {Figures.Percent(closed.BestAccuracy)}, version {closed.BestVersion}");

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
