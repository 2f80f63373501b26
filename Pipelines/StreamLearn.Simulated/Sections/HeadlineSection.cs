namespace StreamLearn.Simulated;

internal static class HeadlineSection
{
    private const double MoreBytes = 1.05;

    internal static Section? Of(RunStory story) => story.Main.All(static m => m.Kind == RunStory.Alone) ? null
        : new("fleet", "The fleet", [Sentence(story)], "", Fragment.Of(
            $"""
            <dl class="stats">
            {Stats(story)}</dl>
            {NoticedSection.Of(story)}
            """));

    internal static string Sentence(RunStory story)
    {
        var main = story.Main.ToList();
        if (main.Count == 0) { return "The events of this run contain no mode."; }
        var target = story.Start?.TargetAccuracy;
        var free = main.FirstOrDefault(m => m.Kind == "async");
        var barrier = main.FirstOrDefault(m => m.Kind == "barrier");
        if (target is { } t && free?.Ended?.SecondsToTarget is { } soon)
        {
            var reached = Figures.RoundPercent(t);
            return barrier?.Ended switch
            {
                null => $"The asynchronous fleet reached {reached} accuracy after {Figures.Seconds(soon)} of {story.Time} time.",
                { SecondsToTarget: null } => $"{Without(main)}, the fleet reached {reached} accuracy after {Figures.Seconds(soon)}. With "
                    + $"a barrier it did not reach it.",
                { SecondsToTarget: { } late } => $"{Compared(main, reached, late / soon)}"
                    + $"{Lower(free.Ended.Accuracy - barrier.Ended.Accuracy)}{Cost(free, barrier)}.",
            };
        }

        var best = main.MaxBy(m => (m.Ended?.SecondsToTarget is not null, m.Accuracy ?? -1))!;
        return best.Accuracy is not { } accuracy ? "The run ended before a model was evaluated."
            : best.Ended?.SecondsToTarget is { } when
                ? $"{Figures.Sentence(best.Subject)} reached {Figures.RoundPercent(target ?? 0)} accuracy after {Figures.Seconds(when)}."
            : $"{Figures.Sentence(best.Subject)} reached {Figures.Percent(accuracy)} accuracy.";
    }

    private static string Without(List<ModeStory> main) =>
        main.Exists(static m => m.Slow.Any()) ? "Without waiting for the slowest device" : "Without a barrier";

    private static string Cost(ModeStory free, ModeStory barrier) =>
        BytesSection.AllOf(free) is var sent && BytesSection.AllOf(barrier) is > 0 and var other && sent > MoreBytes * other
            ? $", and sent {Figures.Ratio(sent / (double)other)} times the bytes over the run" : "";

    private static string Compared(List<ModeStory> main, string reached, double ratio) => ratio switch
    {
        >= 1.05 => $"{Without(main)}, the fleet reached {reached} accuracy {Figures.Ratio(ratio)} times sooner",
        > 0.95 => $"The asynchronous fleet reached {reached} accuracy as soon as the one with a barrier",
        _ => $"The asynchronous fleet reached {reached} accuracy {Figures.Ratio(1 / ratio)} times later than with a barrier",
    };

    /// <summary>If the difference is at least one percentage point.</summary>
    private static string Lower(double difference) => difference <= -0.01 ? $", but ended {Figures.Points(-difference)[1..]} lower" : "";

    private static Fragment Stats(RunStory story)
    {
        var main = story.Main.ToList();
        var parts = new List<Fragment>();
        if (main.Any(m => m.Accuracy is not null))
        {
            parts.Add(Stat($"Accuracy on unseen {story.Judges}", main, m => Figures.Percent(m.Accuracy)));
        }

        if (story.Start is { } start && main.Any(m => m.Ended is not null))
        {
            parts.Add(Stat($"{Figures.Sentence(story.Time)} time to {Figures.RoundPercent(start.TargetAccuracy)}", main,
                m => m.Ended is null ? "–" : m.Ended.SecondsToTarget is { } s ? Figures.Seconds(s) : "not reached"));
        }

        if (main.Exists(static m => BytesSection.AllOf(m) > 0))
        {
            parts.Add(Stat("Bytes on the links", main, static m => Figures.Bytes(BytesSection.AllOf(m))));
        }

        if (main.FirstOrDefault(ExitsSection.HasExits)?.Exits is { } exits)
        {
            parts.Add(Stat("Multiply-adds saved by early exits", Figures.Percent(1 - exits.MultiplyAddsFraction),
                $"for {Figures.Points(ExitsSection.AccuracyOf(exits) - exits.FullNetworkAccuracy)} of accuracy"));
        }

        return Fragment.Of($"{parts}");
    }

    private static Fragment Stat(string name, List<ModeStory> modes, Func<ModeStory, string> number) => Stat(
        name, number(modes[0]),
        modes.Count == 1 ? modes[0].Title : string.Join(", ", modes.Skip(1).Select(m => $"{number(m)} {Place(m)}")));

    private static string Place(ModeStory mode) => mode.Kind == "barrier" ? "with the barrier" : mode.Kind;

    private static Fragment Stat(string name, string number, string more) => Fragment.Of(
        $"""
        <div><dt>{name}</dt><dd><span class="big">{number}</span> <span class="more">{more}</span></dd></div>

        """);
}
