namespace StreamLearn.Simulated;

internal static class RowsSection
{
    private const int MaxReasons = 5;
    private static readonly string[] Heads = ["<device", "<mode", "<block", "<reason", "rows dropped"];
    private const string HeldWords = "in open windows and queues";

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
            Section.Figure("", LedgerKey(), LedgerPlot(modes), Tables.Table("Row ledger", LedgerHeads, modes.Select(LedgerRow))));
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
        var most = devices.Max(d => mode.Drops.Where(r => r.Device == d).Sum(r => r.Rows));
        var chart = new BarChart
        {
            X = Axis.Rounded(0, most, 2),
            Rows = [.. devices.Select(d => new BarRow(d, [DropBar(mode, d, reasons)]))],
        };
        var height = chart.Height + 46;
        var legend = reasons.Select((r, i) => ($"r{i}", r)).ToList();
        if (mode.Drops.Any(d => !reasons.Contains(d.Reason))) { legend.Add(("r5", "other reasons")); }
        return Section.Figure(mode.Title, Section.Legend(legend),
            Svg.Plot($"dropped-{mode.Id}", $"Rows dropped by device and reason, {mode.Kind}", Said(story, mode),
                new(height, Svg.MarginOf(devices), 64),
                Fragment.Of($"{Svg.XAxis(chart.X, chart.Height + 4, "rows")}{chart.Draw()}")),
            Tables.Details($"Rows dropped, {mode.Kind}", Heads, mode.Drops.Select(d => DropRow(mode, d))));
    }

    private static Bar DropBar(ModeStory mode, string device, List<string> reasons)
    {
        var drops = mode.Drops.Where(d => d.Device == device && d.Rows > 0)
            .GroupBy(d => reasons.IndexOf(d.Reason)).OrderBy(g => g.Key < 0 ? MaxReasons : g.Key);
        var pieces = drops.Select(g => new BarPiece(g.Sum(d => d.Rows), g.Key < 0 ? "r5" : $"r{g.Key}",
            $"{device}: {Figures.Count(g.Sum(d => d.Rows), "row")}, {Figures.Listed([.. g.Select(d => d.Reason).Distinct()])}")).ToList();
        return new(pieces, Figures.Count((long)pieces.Sum(p => p.Length)));
    }

    private static IReadOnlyList<Fragment> DropRow(ModeStory mode, RowsDropped drop) =>
        Tables.Cells(drop.Device, mode.Mode, drop.Block, drop.Reason, Figures.Count(drop.Rows));

    private static long Missing(LedgerClosed ledger) => ledger.RowsIn - ledger.RowsWindowed - ledger.RowsHeld - ledger.RowsDropped;

    private static string Equation(LedgerClosed ledger) =>
        $"{Figures.Count(ledger.RowsIn)} in = {Figures.Count(ledger.RowsWindowed)} windowed + "
            + $"{Figures.Count(ledger.RowsHeld)} {HeldWords} + {Figures.Count(ledger.RowsDropped)} dropped."
            + (Missing(ledger) == 0 ? "" : $" This does not add up: {Figures.Count(Missing(ledger))} missing.");

    private static Fragment LedgerKey() => Section.Legend([("quiet", "windowed"), ("held", HeldWords), ("alarm", "dropped")]);

    private static Fragment LedgerPlot(List<ModeStory> modes)
    {
        var chart = new BarChart
        {
            X = new(0, Math.Max(1, modes.Max(m => m.Ledger!.RowsIn)), 1),
            Rows = [.. modes.Select(m => new BarRow(m.Kind, [LedgerBar(m.Ledger!)]))],
        };
        return chart.Plot("ledger-plot", "Row ledger", string.Join(" ", modes.Select(m => $"{m.Kind}: {Equation(m.Ledger!)}")),
            Svg.MarginOf(modes.Select(m => m.Kind)), 64);
    }

    private static Bar LedgerBar(LedgerClosed ledger) => new(
        [
            new(ledger.RowsWindowed, "quiet", $"windowed: {Figures.Count(ledger.RowsWindowed)}"),
            new(ledger.RowsHeld, "held", $"{HeldWords}: {Figures.Count(ledger.RowsHeld)}"),
            new(ledger.RowsDropped, "alarm", $"dropped: {Figures.Count(ledger.RowsDropped)}"),
        ], Figures.Count(ledger.RowsIn));

    private static IReadOnlyList<Fragment> LedgerRow(ModeStory mode)
    {
        var ledger = mode.Ledger!;
        return Tables.Cells(mode.Mode, Figures.Count(ledger.RowsIn), Figures.Count(ledger.RowsWindowed), Figures.Count(ledger.RowsHeld),
            Figures.Count(ledger.RowsDropped), Missing(ledger) == 0 ? "yes" : $"no, by {Figures.Count(Missing(ledger))}");
    }
}
