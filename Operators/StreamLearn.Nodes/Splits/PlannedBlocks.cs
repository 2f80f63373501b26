using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Blocks for <c>InferInParts</c> from a mesh plan.</summary>
/// <remarks>A plan counts a network's convolutions and pools; layers between belong to the one before. Blocks also split at layers that
/// cannot be cut.</remarks>
public static class PlannedBlocks
{
    /// <summary>Lists a network's convolutions and pools over square feature maps, for a planner.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">None, or one is no <see cref="MapLayer"/>: on a non-square map, unevenly padded, depthwise, or
    /// nested.</exception>
    public static MapLayers LayersOf(Network network) =>
        new([.. PlacesOf(network).Select(layer => MapLayerOf(network, layer) ?? throw new ArgumentException(
            $"expected a convolution or a pool over square maps, got {network.Layers[layer]} on {network.Boundaries[layer]}"))]);

    /// <summary>Converts a plan to blocks; each node's rows become its rate.</summary>
    /// <remarks>Omits blocks that run only here, as <c>InferInParts</c> does those anyway. This node's rows come last. Results are gathered
    /// here, whatever the plan's heads.</remarks>
    /// <param name="network">The network given to <see cref="LayersOf"/>.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="here">Name of the distributing node.</param>
    /// <exception cref="ArgumentException">The plan has another number of layers.</exception>
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
