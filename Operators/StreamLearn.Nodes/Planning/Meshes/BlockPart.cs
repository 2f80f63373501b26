namespace StreamLearn.Nodes;

/// <summary>Output rows of a block on a node.</summary>
internal readonly record struct BlockPart(string Node, int FirstRow, int EndRow, long MultiplyAdds)
{
    /// <summary>Returns node and rows, such as <c>pi-1 0-55</c>.</summary>
    public override string ToString() =>
        EndRow - FirstRow == 1 ? $"{Node} {FirstRow}" : FormattableString.Invariant($"{Node} {FirstRow}-{EndRow - 1}");
}
