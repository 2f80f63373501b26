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
            Tables.Table("Seeds", Heads, modes.SelectMany(Rows)));
    }

    private static IEnumerable<IReadOnlyList<Fragment>> Rows(ModeStory mode) => mode.Seeds!.Seeds.Select(s => Tables.Cells(
        mode.Mode, FormattableString.Invariant($"{s.Seed}"), Figures.Number(s.Accuracy, "0.0000"),
            Figures.Seconds(s.SecondsToTarget), Figures.Count(s.Versions)));
}
