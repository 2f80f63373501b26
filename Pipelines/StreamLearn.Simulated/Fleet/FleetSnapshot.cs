namespace StreamLearn.Simulated;

/// <summary>A device as a host shows it: status, and counters of each life.</summary>
internal sealed record FleetMember(
    string Name, double Speed, Func<IReadOnlyList<RunMetrics>> Lives, Func<string?> Failure, Func<string> State, Func<TimeSpan?> EndedAt,
    Func<long> BytesDown)
{
    internal bool IsRunning() => EndedAt() is null && State() is not ("crashed" or "failed" or "done");

    /// <summary>Counts blocks that make rows and take none.</summary>
    internal long RowsMade => Lives().Sum(RowLedger.RowsMade);

    internal long Windows => Lives().Sum(m => m["window"].ItemsOut);

    internal long BytesUp => Total("bytes-published")
        - Lives().SelectMany(static l => l.Blocks).Where(static b => b.Block == FleetSettings.SendsRows)
            .Sum(static b => b.Counter("bytes-published"));

    internal long Backlog => Lives() is [.., var newest] ? newest.Edges.Sum(e => e.Queued) : 0;

    internal TimeSpan Busy => new(Lives().Sum(m => m.Blocks.Sum(b => b.Busy.Ticks)));

    /// <summary>Time without credit for another update.</summary>
    internal TimeSpan Waited => TimeSpan.FromMilliseconds(Total("credit-wait-ms"));

    internal IEnumerable<(string Reason, long Rows)> RowsRefused => Lives()
        .SelectMany(m => m["check-quality"].RowsDropped).GroupBy(r => r.Key).Select(r => (r.Key, r.Sum(d => d.Value)));

    internal long Total(string counter) => Lives().Sum(m => m.Total(counter));
}

/// <summary>Progress of saving a run on real threads.</summary>
internal interface ISavedFleet
{
    IReadOnlyList<string> Lines { get; }

    /// <summary>Participants with a damaged newest checkpoint, which repeat work since the one before.</summary>
    IReadOnlyList<string> Older { get; }
}

internal static class DeviceState
{
    internal const long RowsOfAFault = 250;     // five seconds of dropped rows are a fault
    internal const double SlowSpeed = 0.5;      // share of the rate below which a device is slow
    internal const string Crashed = "lost";     // rows lost in a crash; the state is then "crashed"

    /// <summary>Returns the gravest state.</summary>
    internal static string Of(bool failed, bool crashed, IEnumerable<RunMetrics> lives, double speed, int starts, bool ended)
    {
        if (failed || crashed) { return failed ? "failed" : "crashed"; }
        var (reason, rows) = lives.SelectMany(m => m["check-quality"].RowsDropped).GroupBy(r => r.Key)
            .Select(g => (g.Key, g.Sum(r => r.Value))).OrderByDescending(r => r.Item2).FirstOrDefault();
        return rows >= RowsOfAFault && reason != Crashed ? reason
            : speed < SlowSpeed ? "slow" : starts > 1 ? "rejoined" : ended ? "done" : "learning";
    }
}

internal sealed record RunningFleet(
    TrainingMode Mode, DateTimeOffset StartedAt, IReadOnlyList<FleetMember> Members, RunMetrics Aggregator, FleetWatch Watch,
        Func<TimeSpan> Elapsed,
    bool IsVirtual, Func<long> Calls)
{
    /// <summary>Samples and faults, in time order.</summary>
    internal List<RunEvent> Events { get; init; } = [];

    /// <summary>Updates possibly lost: accepted by a restarted aggregator, or unanswered.</summary>
    internal long LostThroughServer { get; set; }

    internal CutOff? CutOff { get; set; }           // the progress when the result was made; null before
    internal TimeSpan WallBefore { get; set; }      // real time of earlier runs, if it resumes a saved one

    /// <summary>True if stopped for an absent server or standstill: unanswered updates stay unanswered.</summary>
    internal bool WasGivenUp { get; set; }

    /// <summary>Rows to read in a finite run; null: not all need be read.</summary>
    internal long? RowsOfData { get; init; }

    internal bool StepsAreEarned { get; init; }  // true: each labelled window earns a step; false: devices train as fast as they can
    internal long UpdateBytes { get; init; }    // bytes of an update's values
    internal required int UpdatesPerVersion { get; init; }
    internal ISavedFleet? Saved { get; init; }    // null: not saved
    internal FleetConnections Connections { get; } = new();    // state of its sessions with a server
}
