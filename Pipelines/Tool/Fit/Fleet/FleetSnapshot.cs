using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

/// <summary>A device as a host shows it: the counters of each of its lives, and how it fares.</summary>
internal sealed record FleetMember(
    string Name, double Speed, Func<IReadOnlyList<RunMetrics>> Lives, Func<string?> Failure, Func<string> State, Func<TimeSpan?> EndedAt,
    Func<long> BytesDown)
{
    /// <summary>True while it neither crashed, failed nor ended.</summary>
    internal bool IsRunning() => EndedAt() is null && State() is not ("crashed" or "failed" or "done");

    /// <summary>Rows that its sources made: those of blocks that make rows and take none.</summary>
    internal long RowsMade => Lives().Sum(RowLedger.RowsMade);

    /// <summary>Windows that it cut.</summary>
    internal long Windows => Lives().Sum(m => m["window"].ItemsOut);

    /// <summary>Bytes that it published.</summary>
    internal long BytesUp => Total("bytes-published")
        - Lives().SelectMany(static l => l.Blocks).Where(static b => b.Block == SensorPipeline.SendsRows)
            .Sum(static b => b.Counter("bytes-published"));

    /// <summary>Messages that wait on its edges.</summary>
    internal long Backlog => Lives() is [.., var newest] ? newest.Edges.Sum(e => e.Queued) : 0;

    /// <summary>Time in calls.</summary>
    internal TimeSpan Busy => new(Lives().Sum(m => m.Blocks.Sum(b => b.Busy.Ticks)));

    /// <summary>Time for which it had no credit for a further update.</summary>
    internal TimeSpan Waited => TimeSpan.FromMilliseconds(Total("credit-wait-ms"));

    /// <summary>Rows that its quality check kept out, by reason.</summary>
    internal IEnumerable<(string Reason, long Rows)> RowsRefused => Lives()
        .SelectMany(m => m["check-quality"].RowsDropped).GroupBy(r => r.Key).Select(r => (r.Key, r.Sum(d => d.Value)));

    /// <summary>A counter over all blocks and lives.</summary>
    internal long Total(string counter) => Lives().Sum(m => m.Total(counter));
}

/// <summary>Words for how a device fares: the same in each host.</summary>
internal static class DeviceState
{
    internal const long RowsOfAFault = 250;     // rows from which on a fault is one, and not a bad moment: five seconds of them
    internal const double SlowSpeed = 0.5;      // the share of the rate below which a device is called slow
    internal const string Crashed = "lost";     // the reason of rows that went with a crash, which is told as such

    /// <summary>The gravest of what can be said.</summary>
    internal static string Of(bool failed, bool crashed, IEnumerable<RunMetrics> lives, double speed, int starts, bool ended)
    {
        if (failed || crashed) { return failed ? "failed" : "crashed"; }
        var (reason, rows) = lives.SelectMany(m => m["check-quality"].RowsDropped).GroupBy(r => r.Key)
            .Select(g => (g.Key, g.Sum(r => r.Value))).OrderByDescending(r => r.Item2).FirstOrDefault();
        return rows >= RowsOfAFault && reason != Crashed ? reason
            : speed < SlowSpeed ? "slow" : starts > 1 ? "rejoined" : ended ? "done" : "learning";
    }
}

/// <summary>A fleet that runs or has run: its mode, members, aggregator, watch, and the time on its clock.</summary>
internal sealed record RunningFleet(
    TrainingMode Mode, DateTimeOffset StartedAt, IReadOnlyList<FleetMember> Members, RunMetrics Aggregator, FleetWatch Watch,
        Func<TimeSpan> Elapsed,
    bool IsVirtual, Func<long> Calls)
{
    /// <summary>What happened to the devices, in order of time: samples of their counters, faults.</summary>
    internal List<RunEvent> Events { get; init; } = [];

    /// <summary>Updates that a server may have lost: those accepted by an aggregator that was restarted, and those without an
    /// answer.</summary>
    internal long LostThroughServer { get; set; }

    internal CutOff? CutOff { get; set; }           // what it had come to when its result was drawn up; null before
    internal TimeSpan WallBefore { get; set; }      // real time that it had taken when it was saved, if it goes on from there

    /// <summary>True if it was stopped because its server was away for too long, or because it stood still: what was not answered by then
    /// never will be.</summary>
    internal bool WasGivenUp { get; set; }

    /// <summary>Rows of its devices' data, which a run reads that comes to its end; null: a run is not meant to read them all.</summary>
    internal long? RowsOfData { get; init; }

    internal bool StepsAreEarned { get; init; }  // true if each labelled window earns a step, and devices do not train as fast as they can
    internal long UpdateBytes { get; init; }    // bytes of the values of an update
    internal required int UpdatesPerVersion { get; init; }    // updates that make a version
    internal SavedFleet? Saved { get; init; }    // where it is saved, on real threads; null: nowhere
    internal FleetConnections Connections { get; } = new();    // how its sessions stand with a server
}
