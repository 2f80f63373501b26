using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>A block of layers whose rows nodes share.</summary>
/// <param name="First">The first layer.</param>
/// <param name="End">The layer after the last one.</param>
/// <param name="Head">The node that has the input, and hands it out.</param>
/// <param name="Parts">The parts, in the order of rows; none has no rows.</param>
/// <param name="Cost">What it costs, until the output is at the head of the next block.</param>
public sealed record MeshBlock(int First, int End, string Head, ImmutableArray<BlockPart> Parts, MeshCost Cost)
{
    /// <inheritdoc />
    public bool Equals(MeshBlock? other) =>
        other is not null && (First, End, Head, Cost) == (other.First, other.End, other.Head, other.Cost)
        && Parts.AsSpan().SequenceEqual(other.Parts.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(First, End, Head, Cost);
}
