using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>The shards with the shortest slowest stage, of nodes and of links: for a pipeline of many batches.</summary>
/// <remarks>A dynamic program as that of <see cref="ShardLatency"/>, with the longest stage instead of the sum. The link on which answers
/// return is a stage too. <see cref="ShardSchedule"/> says what a pipeline of these stages gives.</remarks>
public sealed record ShardThroughput : ShardPlanner
{
    private protected override ImmutableArray<LayerRange>? Search(ShardCosts costs) => ShardSearch.Throughput(costs, MaxNodes);
}
