namespace StreamLearn.Nodes;

/// <summary>Shards with the shortest slowest stage, node or link, for pipelines of many batches.</summary>
/// <remarks>As <see cref="ShardLatency"/>, but with the longest stage instead of the sum. The answers' link is a stage too.
/// <see cref="ShardSchedule"/> gives the throughput.</remarks>
public sealed record ShardThroughput : ShardPlanner
{
    private protected override ImmutableArray<LayerRange>? Search(ShardCosts costs) => ShardSearch.Throughput(costs, MaxNodes);
}
