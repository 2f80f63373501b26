namespace StreamLearn.Simulated;

internal static class SeedsSection
{
    private static readonly string[] Heads = ["<mode", "seed", "accuracy", "time to target", "versions"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Modes.Where(m => m.Seeds is { Seeds.Count: > 0 }).ToList();
        if (modes.Count == 0) { return null; }
        return new("seeds", "With several seeds", [.. modes.Select(m =>
            $"{Figures.Sentence(m.Mode)}: {new SeedSpread(m.Mode, m.Seeds!.Seeds).Text}.")],
            $"Accuracy on unseen {story.Judges} at the end, full network. ± is the standard deviation between seeds. Everything else on "
                + "this page is for the first seed.",
            Section.Figure("", Plot(modes),
                Tables.Table("Seeds", Heads, modes.SelectMany(Rows))));
    }

    private static Fragment Plot(List<ModeStory> modes)
    {
        var seeds = modes[0].Seeds!.Seeds.Select(s => s.Seed).ToList();
        return new Chart($"Accuracy by seed. {string.Join(" ", modes.Select(m => new SeedSpread(m.Mode, m.Seeds!.Seeds).Text))}")
        {
            Rows = seeds.Select(s => FormattableString.Invariant($"seed {s}")),
            Bars = [.. modes.Select(m => Bars.Of(m.Mode, m.Color, seeds,
                seed => m.Seeds!.Seeds.FirstOrDefault(s => s.Seed == seed)?.Accuracy ?? double.NaN, static v => Figures.Percent(v)))],
            High = 1,
        }.Draw();
    }

    private static IEnumerable<IReadOnlyList<Fragment>> Rows(ModeStory mode) => mode.Seeds!.Seeds.Select(s => Tables.Cells(
        mode.Mode, FormattableString.Invariant($"{s.Seed}"), Figures.Number(s.Accuracy, "0.0000"),
            Figures.Seconds(s.SecondsToTarget), Figures.Count(s.Versions)));
}
