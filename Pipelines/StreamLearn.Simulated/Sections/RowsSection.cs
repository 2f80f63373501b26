namespace StreamLearn.Simulated;

internal static class RowsSection
{
    private const int MaxReasons = 5;
    private static readonly string[] Heads = ["<device", "<mode", "<block", "<reason", "rows dropped"];
    private const string HeldWords = "in open windows and queues";
    private const string OtherReasons = "other reasons";

    private static readonly string[] LedgerHeads = ["<mode", "rows in", "windowed", HeldWords, "dropped", "<adds up"];

    internal static Section? Dropped(RunStory story)
    {
        var modes = story.Main.Where(m => m.Drops.Sum(d => d.Rows) > 0).ToList();
        if (modes.Count == 0) { return null; }
        return new("dropped", "Rows dropped, by reason", [.. modes.Select(m => Said(story, m))],
            "A block drops a row that cannot be used before it enters a window, and counts it under a reason: these are the dropped "
                + "rows of the ledger below. Unused windows are in the figures section.",
            Fragment.Of($"{modes.Select(m => DropFigure(story, m))}"));
    }

    internal static Section? Ledger(RunStory story)
    {
        var modes = story.Main.Where(m => m.Ledger is not null).ToList();
        if (modes.Count == 0) { return null; }
        return new("ledger", "Row ledger",
            [.. modes.Select(m => $"{Figures.Sentence(m.Subject)}: {Equation(m.Ledger!)}")],
            "Every row of a sensor was in a window, is queued or in an open window, or was dropped for a reason.",
            Tables.Table("Row ledger", LedgerHeads, modes.Select(LedgerRow)));
    }

    private static string Said(RunStory story, ModeStory mode)
    {
        var (most, count) = mode.Drops.GroupBy(d => (d.Device, d.Reason)).Select(g => (g.Key, g.Sum(d => d.Rows))).MaxBy(g => g.Item2);
        var devices = mode.Drops.Where(d => d.Rows > 0).Select(d => d.Device).Distinct(StringComparer.Ordinal).Count();
        return $"{Figures.Sentence(mode.Subject)} dropped {Figures.Count(mode.Drops.Sum(d => d.Rows), "row")} on {devices} of "
            + $"{story.AllDevices.Count} devices; most on {most.Device}: {Figures.Count(count)} as {most.Reason}.";
    }

    private static Fragment DropFigure(RunStory story, ModeStory mode)
    {
        var reasons = mode.Drops.GroupBy(d => d.Reason, StringComparer.Ordinal).OrderByDescending(g => g.Sum(d => d.Rows))
            .Select(g => g.Key).Take(MaxReasons).ToList();
        var devices = story.Devices.Where(d => mode.Drops.Any(r => r.Device == d && r.Rows > 0)).ToList();
        if (mode.Drops.Any(d => !reasons.Contains(d.Reason))) { reasons.Add(OtherReasons); }
        var chart = new Chart($"Rows dropped by device and reason, {mode.Kind}. {Said(story, mode)}")
        {
            Rows = devices,
            Bars = [.. reasons.Select((reason, i) => Bars.Of(reason, reason == OtherReasons ? "quiet" : $"r{i}", devices,
                d => mode.Drops.Where(r => r.Device == d && ReasonOf(r) == reason).Sum(r => r.Rows), Counted))],
            Totals = devices.Select(d => Figures.Count(mode.Drops.Where(r => r.Device == d).Sum(r => r.Rows))),
            Unit = "rows",
        };
        string ReasonOf(RowsDropped drop) => reasons.Contains(drop.Reason) ? drop.Reason : OtherReasons;
        return Section.Figure(mode.Title, chart.Draw(),
            Tables.Details($"Rows dropped, {mode.Kind}", Heads, mode.Drops.Select(d => DropRow(mode, d))));
    }

    private static IReadOnlyList<Fragment> DropRow(ModeStory mode, RowsDropped drop) =>
        Tables.Cells(drop.Device, mode.Mode, drop.Block, drop.Reason, Figures.Count(drop.Rows));

    private static long Missing(LedgerClosed ledger) => ledger.RowsIn - ledger.RowsWindowed - ledger.RowsHeld - ledger.RowsDropped;

    private static string Equation(LedgerClosed ledger) =>
        $"{Figures.Count(ledger.RowsIn)} in = {Figures.Count(ledger.RowsWindowed)} windowed + "
            + $"{Figures.Count(ledger.RowsHeld)} {HeldWords} + {Figures.Count(ledger.RowsDropped)} dropped."
            + (Missing(ledger) == 0 ? "" : $" This does not add up: {Figures.Count(Missing(ledger))} missing.");

    private static string Counted(double rows) => Figures.Count((long)rows);

    private static IReadOnlyList<Fragment> LedgerRow(ModeStory mode)
    {
        var ledger = mode.Ledger!;
        return Tables.Cells(mode.Mode, Figures.Count(ledger.RowsIn), Figures.Count(ledger.RowsWindowed), Figures.Count(ledger.RowsHeld),
            Figures.Count(ledger.RowsDropped), Missing(ledger) == 0 ? "yes" : $"no, by {Figures.Count(Missing(ledger))}");
    }
}
