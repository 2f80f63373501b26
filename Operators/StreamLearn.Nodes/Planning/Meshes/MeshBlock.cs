using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>A block of layers whose rows nodes share.</summary>
/// <param name="First">First layer.</param>
/// <param name="End">End layer, exclusive.</param>
/// <param name="Head">The node that distributes the input.</param>
/// <param name="Parts">The nonempty parts, in row order.</param>
/// <param name="Cost">Cost until the next block's head has the output.</param>
internal sealed record MeshBlock(int First, int End, string Head, ImmutableArray<BlockPart> Parts, MeshCost Cost)
{
    /// <inheritdoc />
    public bool Equals(MeshBlock? other) =>
        other is not null && (First, End, Head, Cost) == (other.First, other.End, other.Head, other.Cost)
        && Parts.AsSpan().SequenceEqual(other.Parts.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(First, End, Head, Cost);
}
