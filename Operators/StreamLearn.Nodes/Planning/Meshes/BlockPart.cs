namespace StreamLearn.Nodes;

internal readonly record struct BlockPart(string Node, int FirstRow, int EndRow, long MultiplyAdds)
{
    public override string ToString() =>
        EndRow - FirstRow == 1 ? $"{Node} {FirstRow}" : FormattableString.Invariant($"{Node} {FirstRow}-{EndRow - 1}");
}
