namespace StreamLearn.Simulated;

internal static class ClosedEvents
{
    /// <summary>In time order, without evaluations.</summary>
    internal static IEnumerable<RunEvent> Of(RunningFleet fleet)
    {
        var mode = fleet.Mode.Name;
        List<RunEvent> events = [.. fleet.Events];
        var cut = fleet.CutOff!;
        foreach (var round in cut.Rounds)
        {
            var seconds = (round.Ended - fleet.StartedAt).TotalSeconds;
            events.Add(new VersionMade(round.Version, [.. round.Contributions.Select(static c =>
                new UpdateUsed(c.Device, c.Sequence, c.BaseVersion, c.Staleness, c.Weight, c.Norm, c.Samples))])
            {
                Mode = mode,
                Seconds = seconds,
            });
            events.AddRange(round.Refusals.GroupBy(static r => (r.Device, r.Reason)).Select(r =>
                new UpdateRefused(r.Key.Device, r.Key.Reason, r.Count()) { Mode = mode, Seconds = seconds }));
        }

        events.AddRange(Stragglers(mode, cut));
        events.AddRange(cut.Drops);
        return events.Where(e => e.Seconds <= cut.At.TotalSeconds).OrderBy(e => e.Seconds);
    }

    /// <summary>The median of each device's scores at round ends, and the most frequent cause.</summary>
    private static IEnumerable<StragglerSeen> Stragglers(string mode, CutOff cut) =>
        from scores in cut.Rounds.SelectMany(r => r.Stragglers).GroupBy(s => s.Device, StringComparer.Ordinal)
        let slow = scores.Where(s => s.Score >= StragglerSeen.Slow).ToList()
        let median = Figures.Percentile([.. scores.Select(s => s.Score).Order()], 0.5)
        let reason = slow.Where(s => s.Reason.Length > 0).GroupBy(s => s.Reason, StringComparer.Ordinal).MaxBy(g => g.Count())?.Key
        select new StragglerSeen
        {
            Mode = mode,
            Seconds = cut.At.TotalSeconds,
            Device = scores.Key,
            Score = median,
            Reason = median >= StragglerSeen.Slow ? reason ?? "" : "",
            Rounds = cut.Rounds.Count,
            SlowRounds = slow.Count,
        };

    internal static FiguresClosed Closed(JudgedRun run, RunResult result) => new()
    {
        Mode = run.Mode,
        Seconds = run.CutOff.At.TotalSeconds,
        Versions = result.Versions,
        Version = result.Version,
        BestAccuracy = result.BestAccuracy,
        BestVersion = result.BestVersion,
        PrequentialAccuracy = result.PrequentialAccuracy,
        RowsTrained = result.RowsTrained,
        BytesUp = result.BytesUp,
        StalenessP50 = result.StalenessP50,
        StalenessP95 = result.StalenessP95,
        Messages = result.Messages,
        RowsUnlearned = run.CutOff.RowsUnlearned,
    };

    internal static LedgerClosed Ledger(string mode, double seconds, RowLedger ledger) =>
        new(ledger.In, ledger.Windowed, ledger.Held, ledger.Dropped.Values.Sum()) { Mode = mode, Seconds = seconds };
}
