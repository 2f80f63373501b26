using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>The shards with the least time of one batch, from its rows to its answers: for one request after the other.</summary>
/// <remarks>A dynamic program over the layers so far, the nodes used for them, and the last node: the sum of computing and links.</remarks>
public sealed record ShardLatency : ShardPlanner
{
    private protected override ImmutableArray<LayerRange>? Search(ShardCosts costs) => ShardSearch.Latency(costs, MaxNodes);
}
