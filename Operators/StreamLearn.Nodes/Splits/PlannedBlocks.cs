using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Blocks that <c>InferInParts</c> runs, from the plan of a mesh.</summary>
/// <remarks>A plan counts the convolutions and pools of a network; what is between two of them belongs to the one before. A block of the
/// plan ends, and another begins, where a layer cannot be cut.</remarks>
public static class PlannedBlocks
{
    /// <summary>The convolutions and pools of a network over square feature maps, for a planner.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">It has none, or such a layer is no <see cref="MapLayer"/>: on a map that is not square, with
    /// uneven padding, depthwise, or within another layer.</exception>
    public static MapLayers LayersOf(Network network) =>
        new([.. PlacesOf(network).Select(layer => MapLayerOf(network, layer) ?? throw new ArgumentException(
            $"expected a convolution or a pool over square maps, got {network.Layers[layer]} on {network.Boundaries[layer]}"))]);

    /// <summary>The blocks of a plan, with the rows of each node as its rate: where all are there, each gets that many.</summary>
    /// <remarks>A block that runs on this node alone is left out, as it is what <c>InferInParts</c> does anyway. Rows of this node come
    /// after those of the others. What a block gives is gathered here, whatever the plan says of heads.</remarks>
    /// <param name="network">The network, of which <see cref="LayersOf"/> gave the layers.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="here">The name of the node that deals the blocks out.</param>
    /// <exception cref="ArgumentException">The plan is for another number of layers.</exception>
    public static ImmutableArray<PartBlock> Of(Network network, MeshPlan plan, string here)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(here);
        var places = PlacesOf(network);
        if (plan.Blocks.Length == 0 || plan.Blocks[^1].End != places.Length)
        {
            throw new ArgumentException($"expected a plan of {places.Length} layers, got\n{plan}", nameof(plan));
        }

        var blocks = ImmutableArray.CreateBuilder<PartBlock>();
        foreach (var block in plan.Blocks)
        {
            ImmutableArray<PartWorker> workers =
                [.. block.Parts.Where(p => p.Node != here).Select(static p => new PartWorker(p.Node, p.EndRow - p.FirstRow))];
            if (workers.IsEmpty) { continue; }
            var own = block.Parts.Where(p => p.Node == here).Sum(static p => p.EndRow - p.FirstRow);
            var end = block.End < places.Length ? places[block.End] : network.Layers.Length;
            for (var (first, next) = (places[block.First], 0); first < end; first = Math.Max(first + 1, next))
            {
                next = Math.Min(end, RowPartition.Reach(network, first));
                if (places.Any(p => p >= first && p < next))
                {
                    blocks.Add(new() { First = first, End = next, Workers = workers, OwnRate = own });
                }
            }
        }

        return blocks.ToImmutable();
    }

    private static ImmutableArray<int> PlacesOf(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return
        [
            .. Enumerable.Range(0, network.Layers.Length).Where(i => network.Layers[i]
                is Conv2d or MaxPool2d or AveragePool2d or DepthwiseConv2d or Residual or Sequential),
        ];
    }

    private static MapLayer? MapLayerOf(Network network, int layer)
    {
        var (input, output) = (network.Boundaries[layer], network.Boundaries[layer + 1]);
        var (kernel, stride, padding) = network.Layers[layer] switch
        {
            Conv2d l => (l.Kernel, l.Stride, l.Padding),
            MaxPool2d l => (l.Size, l.Stride, l.Padding),
            AveragePool2d l => (l.Size, l.Stride, l.Padding),
            _ => default,
        };
        if (kernel == 0 || input.Height != input.Width) { return null; }
        stride = stride == 0 ? kernel : stride;
        if (padding == Padding.Same) { padding = Math.Max(0, ((output.Height - 1) * stride) + kernel - input.Height) / 2; }
        var map = new MapLayer(
            kernel, stride, padding, input.Channels, output.Channels, input.Height, IsPool: network.Layers[layer] is not Conv2d);
        return map.OutputHeight == output.Height ? map : null;
    }
}
