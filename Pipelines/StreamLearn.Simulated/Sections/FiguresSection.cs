namespace StreamLearn.Simulated;

internal static class FiguresSection
{
    private static readonly string[] Heads =
    [
        "versions", "version used", "best accuracy", "best version", "accuracy on own rows", "samples processed", "bytes up",
            "staleness p50", "staleness p95",
    ];

    private static readonly string[] MessageHeads =
    [
        "messages sent", "updates among them", "applied", "in the open round", "refused", "without steps", "under way",
            "lost", "unknown",
        "came again", "not readable", "adds up",
    ];

    private static readonly string[] ReasonHeads = ["<mode", "<what", "<reason", "count"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Modes.Where(m => m.Closed is not null).ToList();
        if (modes.Count == 0) { return null; }
        var names = modes.ConvertAll(static m => m.Mode);
        var moments = modes.Select(m => $"{Figures.Number(m.Closed!.Seconds, "0.#")}\u00a0s").Distinct();
        return new("figures", "Messages and figures", [.. modes.Select(m => $"{Figures.Sentence(m.Mode)}: {m.Closed!.Messages.Text}.")],
            $"All numbers were taken at one moment, {Figures.Listed([.. moments])} after the start. Each message of a device is in one "
                + "line, and the lines add up to the messages sent. Join and leave messages have no steps. Duplicates and "
                + "unreadable messages are counted separately.",
            Fragment.Of(
                $"""
                {Tables.Turned("Messages", MessageHeads, names, modes.Select(static m => MessageRow(m.Closed!.Messages)))}
                {Tables.Turned("Figures", Heads, names, modes.Select(static m => Row(m.Closed!)))}
                {Tables.Table("Reasons", ReasonHeads, modes.SelectMany(Reasons))}
                """));
    }

    private static IReadOnlyList<Fragment> Row(FiguresClosed closed) => Tables.Cells(
        Figures.Count(closed.Versions), closed.Version is { } version ? Figures.Count(version) : Figures.None,
        Figures.Number(closed.BestAccuracy, "0.0000"), Figures.Count(closed.BestVersion),
        Figures.Number(closed.PrequentialAccuracy, "0.0000"), Figures.Count(closed.RowsTrained), Figures.Count(closed.BytesUp),
        closed.StalenessP50 is { } half ? Figures.Count(half) : Figures.None, closed.StalenessP95 is { } most ? Figures.Count(most)
            : Figures.None);

    private static IReadOnlyList<Fragment> MessageRow(UpdateLedger messages) => Tables.Cells(
        Figures.Count(messages.Messages), Figures.Count(messages.Updates), Figures.Count(messages.Applied),
            Figures.Count(messages.InOpenRound),
        Figures.Count(messages.Refused.Values.Sum()), Figures.Count(messages.WithoutSteps), Figures.Count(messages.UnderWay),
        Figures.Count(messages.Lost), Figures.Count(messages.Unknown), Figures.Count(messages.Repeated), Figures.Count(messages.Unreadable),
        messages.AddsUp ? "yes" : "no");

    private static IEnumerable<IReadOnlyList<Fragment>> Reasons(ModeStory mode) =>
    [
        .. mode.Closed!.Messages.Refused.Select(r => Tables.Cells(mode.Mode, "update refused", r.Key, Figures.Count(r.Value))),
        .. mode.Closed.RowsUnlearned.Select(r => Tables.Cells(mode.Mode, "row of a window, not learned from", r.Key,
            Figures.Count(r.Value))),
    ];
}
