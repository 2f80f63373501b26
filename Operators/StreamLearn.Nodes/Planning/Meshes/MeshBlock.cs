namespace StreamLearn.Nodes;

internal sealed record MeshBlock(int First, int End, string Head, ImmutableArray<BlockPart> Parts, MeshCost Cost)
{
    public bool Equals(MeshBlock? other) =>
        other is not null && (First, End, Head, Cost) == (other.First, other.End, other.Head, other.Cost)
        && Parts.AsSpan().SequenceEqual(other.Parts.AsSpan());

    public override int GetHashCode() => HashCode.Combine(First, End, Head, Cost);
}
