using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal static class FleetEvents
{
    internal static void Sample(RunningFleet fleet, TimeSpan at)
    {
        foreach (var member in fleet.Members)
        {
            fleet.Events.Add(new DeviceSampled
            {
                Mode = fleet.Mode.Name,
                Seconds = at.TotalSeconds,
                Device = member.Name,
                Backlog = member.Backlog,
                RowsIn = member.RowsMade,
                RowsWindowed = member.Total("rows-windowed"),
                RowsTrained = member.Total("rows-trained"),
                Updates = fleet.Watch.SentBy(member.Name).Updates,
                BytesUp = member.BytesUp,
                BytesDown = member.BytesDown(),
                BusySeconds = member.Busy.TotalSeconds,
                WaitedSeconds = member.Waited.TotalSeconds,
                PrequentialAccuracy = fleet.Watch.Of(member.Name)?.Accuracy,
            });
            foreach (var (reason, rows) in member.RowsRefused.Where(r => r.Rows >= DeviceState.RowsOfAFault
                && r.Reason != DeviceState.Crashed))
            {
                var (kind, text) = reason switch
                {
                    "stuck" => ("stuck", "an axis does not move: its rows are kept out of learning"),
                    "future" => ("clock", "its clock is ahead of the stream's: its rows are kept out of learning"),
                    RowLedger.Stopped => (reason, "it was stopped: the rows that were on their way were not learned from"),
                    _ => (reason, $"its rows are kept out of learning: {reason}"),
                };
                if (fleet.Events.OfType<FaultSeen>().Any(f => f.Device == member.Name && f.Kind == kind)) { continue; }
                Add(fleet, at, member.Name, kind, text);
            }
        }
    }

    internal static void Note(RunningFleet fleet, TimeSpan at, string device, FailureKind kind)
    {
        var text = kind switch
        {
            FailureKind.Crash => "it crashed and lost what it held: nobody waits for it once its lease has run out",
            FailureKind.Leave => "it left in order",
            _ => "it came back with a new epoch, and starts from the newest version",
        };
        Add(fleet, at, device, kind.ToString().ToLowerInvariant(), text);
    }

    /// <summary>Excludes judgments; in time order.</summary>
    internal static IEnumerable<RunEvent> Of(RunningFleet fleet)
    {
        var mode = fleet.Mode.Name;
        List<RunEvent> events = [.. fleet.Events, .. fleet.Connections.Told.Select(e => e with { Mode = mode })];
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

    /// <summary>The median of a device's scores at round ends, and its most frequent cause.</summary>
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
        new(ledger.In, ledger.Windowed, ledger.Held, ledger.Dropped.Values.Sum(), ledger.NotRead) { Mode = mode, Seconds = seconds };

    private static void Add(RunningFleet fleet, TimeSpan at, string device, string kind, string text) =>
        fleet.Events.Add(new FaultSeen(device, kind, text) { Mode = fleet.Mode.Name, Seconds = at.TotalSeconds });
}
