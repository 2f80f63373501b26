namespace StreamLearn.Nodes;

/// <summary>A candidate block of layers, and its maximum parts.</summary>
/// <param name="First">First layer.</param>
/// <param name="End">End layer, exclusive.</param>
/// <param name="MaxParts">Maximum nodes that share its rows.</param>
public readonly record struct BlockCut(int First, int End, int MaxParts)
{
    /// <summary>The four blocks of <see cref="MapLayers.Vgg16"/>, with fewer parts for fewer rows.</summary>
    /// <remarks>Source: Samikwa et al. (2023), DISNET, code.</remarks>
    public static ImmutableArray<BlockCut> Disnet { get; } = [new(0, 4, 6), new(4, 9, 5), new(9, 14, 4), new(14, 18, 3)];

    /// <summary>Returns one block on one node.</summary>
    /// <param name="layers">Number of layers.</param>
    public static ImmutableArray<BlockCut> Whole(int layers) => [new(0, layers, 1)];

    /// <summary>Returns all possible blocks, for free cuts.</summary>
    /// <param name="layers">Number of layers.</param>
    /// <param name="maxParts">Maximum nodes that share a block's rows; 1: only cuts between layers.</param>
    public static ImmutableArray<BlockCut> Free(int layers, int maxParts) =>
    [
        .. from first in Enumerable.Range(0, layers) from end in Enumerable.Range(first + 1, layers - first)
        select new BlockCut(first, end, maxParts),
    ];
}
