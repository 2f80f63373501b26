using StreamLearn;

namespace Quickstart;

/// <summary>A device as a host shows it: its counters and how it fares.</summary>
internal sealed record FleetMember(
    string Name, double Speed, RunMetrics Metrics, Func<string?> Failure, Func<bool> Done, Func<TimeSpan?> EndedAt)
{
    /// <summary>Rows that its sources made: those of blocks that make rows and take none.</summary>
    internal long RowsMade => RowLedger.RowsMade(Metrics);

    /// <summary>Updates that it published.</summary>
    internal long Updates => Metrics.Blocks.Where(b => b.Block.StartsWith("publish ", StringComparison.Ordinal)).Sum(b => b.ItemsIn);

    /// <summary>Bytes of them.</summary>
    internal long BytesUp => Metrics.Total("bytes-published");
}

/// <summary>A fleet that runs or has run: members, aggregator, watch, and the time on its clock.</summary>
internal sealed record RunningFleet(
    IReadOnlyList<FleetMember> Members, RunMetrics Aggregator, FleetWatch Watch, Func<TimeSpan> Elapsed, bool IsVirtual, Func<long> Events);
