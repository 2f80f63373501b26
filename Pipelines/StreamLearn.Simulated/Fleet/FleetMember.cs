using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal sealed class FleetMember
{
    internal const long RowsOfAFault = 250;     // five seconds of dropped rows count as a fault
    internal const double SlowSpeed = 0.5;      // share of the rate below which a device counts as slow
    internal const string Crashed = "lost";     // state with rows lost in a crash

    private static readonly TimeSpan NextTry = TimeSpan.FromMilliseconds(100);

    private readonly VirtualWorld _world;
    private readonly FleetRun _run;
    private readonly ITransport _edge;
    private readonly FleetWatch _watch;
    private readonly List<VirtualDevice> _lives = [];

    internal FleetMember(VirtualWorld world, FleetRun run, ITransport edge, FleetWatch watch, string name, int index)
    {
        (_world, _run, _edge, _watch, Name, Index) = (world, run, edge, watch, name, index);
        Begin();
    }

    internal string Name { get; }

    internal int Index { get; }

    internal double Speed => _lives[0].Profile.Speed;

    /// <summary>Counts rows of blocks that make rows and receive none.</summary>
    internal long RowsMade => Lives().Sum(RowLedger.RowsMade);

    internal long Windows => Lives().Sum(m => m["window"].ItemsOut);

    internal long BytesUp => Total("bytes-published");

    /// <summary>Bytes of its updates, with those that it sent again.</summary>
    internal long UpdateBytes => Lives().SelectMany(static m => m.Blocks)
        .Where(static b => b.Block.EndsWith("/up/delta", StringComparison.Ordinal))
        .Sum(static b => b.Counter("bytes-published"));

    internal long BytesDown => _lives.Sum(d => d.BytesDown);

    internal long Backlog => _lives[^1].Metrics.Edges.Sum(e => e.Queued);

    internal TimeSpan Busy => new(Lives().Sum(m => m.Blocks.Sum(b => b.Busy.Ticks)));

    internal TimeSpan Waited => TimeSpan.FromMilliseconds(Total("credit-wait-ms"));

    internal IEnumerable<(string Reason, long Rows)> RowsRefused => Lives()
        .SelectMany(m => m["check-quality"].RowsDropped).GroupBy(r => r.Key).Select(r => (r.Key, r.Sum(d => d.Value)));

    internal string? Failure => _lives.Select(d => d.Failure?.Message).FirstOrDefault(f => f is not null);

    internal TimeSpan? EndedAt => _lives[^1].EndedAt;

    internal bool IsRunning => EndedAt is null && State is not ("crashed" or "failed" or "done");

    internal string State
    {
        get
        {
            if (_lives[^1].Failure is not null || HasCrashed) { return _lives[^1].Failure is not null ? "failed" : "crashed"; }
            var (reason, rows) = RowsRefused.OrderByDescending(static r => r.Rows).FirstOrDefault();
            return rows >= RowsOfAFault && reason != Crashed ? reason
                : _lives[^1].Profile.Speed < SlowSpeed ? "slow"
                : _lives.Count > 1 ? "rejoined" : EndedAt is not null ? "done" : "learning";
        }
    }

    internal bool HasCrashed { get; set; }

    /// <summary>True until it has left; leaving takes time over a slow link.</summary>
    internal bool IsToRejoin { get; set; }

    internal void Suffer(FailureKind kind)
    {
        switch (kind)
        {
            case FailureKind.Crash:
                _lives[^1].Crash();
                HasCrashed = true;
                break;
            case FailureKind.Leave:
                _lives[^1].Leave();
                break;
            default:
                IsToRejoin = true;
                RejoinIfDue();
                break;
        }
    }

    /// <summary>Restarts the device once it has left. Checked between slices, since a plan made within a run cannot be saved.</summary>
    internal void RejoinIfDue()
    {
        if (!IsToRejoin || (!HasCrashed && _lives[^1].EndedAt is null)) { return; }
        Begin();
        (IsToRejoin, HasCrashed) = (false, false);
    }

    /// <summary>Restarts the device once it has left, at the end of the run, which is not interrupted.</summary>
    internal void RejoinWhenDue()
    {
        RejoinIfDue();
        if (IsToRejoin) { _world.At(_world.Elapsed + NextTry, RejoinWhenDue); }
    }

    internal void Begin()
    {
        var (profile, link) = _run.Scenario.ProfileOf(Name, Index, _run.Seed);
        _lives.Add(_world.Add(_run.Pipelines.Sensor(_run, new(Name, Index, _lives.Count, _world.Elapsed), _edge, _watch), profile, link));
    }

    internal IReadOnlyList<RunMetrics> Lives() => [.. _lives.Select(d => d.Metrics)];

    internal long Total(string counter) => Lives().Sum(m => m.Total(counter));
}
