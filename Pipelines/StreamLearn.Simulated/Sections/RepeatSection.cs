namespace StreamLearn.Simulated;

internal static class RepeatSection
{
    private static readonly string[] Heads = ["<mode", "accuracy", "kappa", "virtual time", "wall time", "<SHA-256 of the weights"];

    internal static Section? Of(RunStory story)
    {
        var ended = story.Modes.Where(m => m.Ended is not null).ToList();
        if (story.Start is null && ended.Count == 0) { return null; }
        return new("repeat", "Repeat this run", ["The same command on the same data gives the same weights: in the simulation, the seed determines time, "
            + "random numbers and order."],
            "",
            Fragment.Of(
                $"""
                {(story.Start is { } start ? Words(start, story) : Fragment.Empty)}
                {(ended.Count == 0 ? Fragment.Empty : Tables.Table("Expected result", Heads, ended.Select(Row)))}
                """));
    }

    private static Fragment Words(RunStarted start, RunStory story) => Fragment.Of(
        $"""
        <pre class="command" tabindex="0"><code>{start.Command}</code></pre>
        <dl class="words">
        {Word("Seed", FormattableString.Invariant($"{start.Seed}"))}
        {Word("Data", start.Data)}
        {Word("Host", start.Host)}
        {Word("World", start.Scenario)}
        {Word("Model", start.Model)}
        {Word("Exits", Exits(start))}
        {Word("Classes", string.Join(", ", start.Classes))}
        {Word("Vectors", start.VectorBits > 0 ? $"{start.VectorBits} bits" : "")}
        {story.Modes.Select(m => Word(m.Mode, m.Started?.Text ?? ""))}</dl>

        """);

    private static string Exits(RunStarted start) => start.ExitMultiplyAdds.Count == 0 ? ""
        : $"{Figures.Listed([.. start.ExitMultiplyAdds.Select(Figures.Count)])} multiply-adds per row";

    private static Fragment Word(string name, string text) => text.Length == 0 ? Fragment.Empty : Fragment.Of(
        $"<div><dt>{name}</dt><dd>{text}</dd></div>\n");

    private static IReadOnlyList<Fragment> Row(ModeStory mode)
    {
        var ended = mode.Ended!;
        return
        [
            .. Tables.Cells(mode.Mode, Figures.Number(ended.Accuracy, "0.0000"), Figures.Number(ended.Kappa, "0.0000"),
                Figures.Seconds(ended.VirtualSeconds), Figures.Seconds(ended.WallSeconds)),
            Fragment.Of($"""<code class="hash">{ended.WeightsSha256}</code>"""),
        ];
    }
}
