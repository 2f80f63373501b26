namespace StreamLearn.Nodes;

/// <summary>Shards with the least time of one batch from rows to answers, for sequential requests.</summary>
/// <remarks>A dynamic program over layers so far, used nodes and the last node, summing computing and links.</remarks>
public sealed record ShardLatency : ShardPlanner
{
    private protected override ImmutableArray<LayerRange>? Search(ShardCosts costs) => ShardSearch.Latency(costs, MaxNodes);
}
