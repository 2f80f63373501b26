using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>Layers that may be a block, and in how many parts.</summary>
/// <param name="First">The first layer.</param>
/// <param name="End">The layer after the last one.</param>
/// <param name="MaxParts">Nodes that share its rows, at most.</param>
public readonly record struct BlockCut(int First, int End, int MaxParts)
{
    /// <summary>The four blocks of <see cref="MapLayers.Vgg16"/>: fewer parts where there are fewer rows.</summary>
    /// <remarks>Source: Samikwa et al. (2023), DISNET, code.</remarks>
    public static ImmutableArray<BlockCut> Disnet { get; } = [new(0, 4, 6), new(4, 9, 5), new(9, 14, 4), new(14, 18, 3)];

    /// <summary>All layers in one block on one node.</summary>
    /// <param name="layers">Number of layers.</param>
    public static ImmutableArray<BlockCut> Whole(int layers) => [new(0, layers, 1)];

    /// <summary>All blocks there can be, to choose from: free cuts.</summary>
    /// <param name="layers">Number of layers.</param>
    /// <param name="maxParts">Nodes that share the rows of a block, at most; 1: cuts between layers alone.</param>
    public static ImmutableArray<BlockCut> Free(int layers, int maxParts) =>
    [
        .. from first in Enumerable.Range(0, layers) from end in Enumerable.Range(first + 1, layers - first)
        select new BlockCut(first, end, maxParts),
    ];
}
