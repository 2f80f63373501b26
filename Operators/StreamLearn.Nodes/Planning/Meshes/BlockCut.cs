namespace StreamLearn.Nodes;

/// <summary>A candidate block of layers, and the maximum number of its parts.</summary>
/// <param name="First">First layer.</param>
/// <param name="End">One past the last layer.</param>
/// <param name="MaxParts">Maximum number of nodes that share its rows.</param>
public readonly record struct BlockCut(int First, int End, int MaxParts)
{
    /// <summary>The four blocks of <see cref="MapLayers.Vgg16"/>, with fewer parts for fewer rows.</summary>
    /// <remarks>Source: Samikwa et al. (2023), DISNET, code.</remarks>
    public static ImmutableArray<BlockCut> Disnet { get; } = [new(0, 4, 6), new(4, 9, 5), new(9, 14, 4), new(14, 18, 3)];

    /// <summary>Returns one block on one node.</summary>
    public static ImmutableArray<BlockCut> Whole(int layers) => [new(0, layers, 1)];

    /// <summary>Returns all possible blocks, so that cuts are free.</summary>
    /// <param name="layers">Number of layers.</param>
    /// <param name="maxParts">Maximum number of nodes that share the rows of a block; 1: cuts only between layers.</param>
    public static ImmutableArray<BlockCut> Free(int layers, int maxParts) =>
    [
        .. from first in Enumerable.Range(0, layers) from end in Enumerable.Range(first + 1, layers - first)
        select new BlockCut(first, end, maxParts),
    ];
}
