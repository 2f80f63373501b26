using StreamLearn;

namespace Quickstart;

/// <summary>A device as a host shows it: its counters and how it fares.</summary>
internal sealed record FleetMember(
    string Name, double Speed, RunMetrics Metrics, Func<string?> Failure, Func<bool> Done, Func<TimeSpan?> EndedAt)
{
    /// <summary>Rows that its sources made: those of blocks that make rows and take none.</summary>
    internal long RowsMade => RowLedger.RowsMade(Metrics);
}

/// <summary>A fleet that runs or has run: members, aggregator, watch, and the time on its clock.</summary>
internal sealed record RunningFleet(
    IReadOnlyList<FleetMember> Members, RunMetrics Aggregator, FleetWatch Watch, Func<TimeSpan> Elapsed, bool IsVirtual, Func<long> Events);
