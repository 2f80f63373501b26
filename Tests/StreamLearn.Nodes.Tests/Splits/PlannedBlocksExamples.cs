using System.Collections.Immutable;

namespace StreamLearn.Nodes.Tests;

/// <summary>The plan of docs/guides/parts.md.</summary>
internal static class PlannedBlocksExamples
{
    internal static ImmutableArray<PartBlock> Planned(Network network, ResourceView mesh)
    {
        var layers = MapLayers.Of(network);
        var plan = MeshPlanner.ByCost(BlockCut.Free(layers.Count, maxParts: 3)).Plan(layers, mesh, source: "camera", sink: "camera");
        return PartBlock.Of(network, plan, here: "camera");
    }
}
