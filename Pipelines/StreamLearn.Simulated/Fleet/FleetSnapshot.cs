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

    internal long BytesUp => Total("bytes-published");

    internal long Backlog => Lives() is [.., var newest] ? newest.Edges.Sum(e => e.Queued) : 0;

    internal TimeSpan Busy => new(Lives().Sum(m => m.Blocks.Sum(b => b.Busy.Ticks)));

    /// <summary>Time without credit for another update.</summary>
    internal TimeSpan Waited => TimeSpan.FromMilliseconds(Total("credit-wait-ms"));

    internal IEnumerable<(string Reason, long Rows)> RowsRefused => Lives()
        .SelectMany(m => m["check-quality"].RowsDropped).GroupBy(r => r.Key).Select(r => (r.Key, r.Sum(d => d.Value)));

    internal long Total(string counter) => Lives().Sum(m => m.Total(counter));
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
        Func<TimeSpan> Elapsed, Func<long> Calls)
{
    /// <summary>Samples and faults, in time order.</summary>
    internal List<RunEvent> Events { get; init; } = [];

    internal CutOff? CutOff { get; set; }           // what it had come to when its result was drawn up; null before
    internal TimeSpan WallBefore { get; set; }      // real time that it had taken when it was saved, if it resumes from there

    internal required int UpdatesPerVersion { get; init; }    // updates that make a version
}
