using StreamLearn;

namespace Quickstart;

/// <summary>A device as a host shows it: its counters and how it fares.</summary>
internal sealed record FleetMember(string Name, double Speed, RunMetrics Metrics, Func<string?> Failure, Func<TimeSpan?> EndedAt);

/// <summary>A fleet that runs or has run: members, aggregator, watch, and the time on its clock.</summary>
internal sealed record RunningFleet(IReadOnlyList<FleetMember> Members, RunMetrics Aggregator, FleetWatch Watch, Func<TimeSpan> Elapsed, bool IsVirtual, Func<long> Events);
