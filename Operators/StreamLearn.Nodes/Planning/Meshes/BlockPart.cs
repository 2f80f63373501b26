namespace StreamLearn.Nodes;

/// <summary>Rows of a block's output that a node computes.</summary>
/// <param name="Node">The name of the node.</param>
/// <param name="FirstRow">The first row of the output.</param>
/// <param name="EndRow">The row after the last one.</param>
/// <param name="MultiplyAdds">Multiply-adds, those of the halo included.</param>
public readonly record struct BlockPart(string Node, int FirstRow, int EndRow, long MultiplyAdds)
{
    /// <summary>The node and its rows, such as <c>pi-1 0-55</c>.</summary>
    public override string ToString() =>
        EndRow - FirstRow == 1 ? $"{Node} {FirstRow}" : FormattableString.Invariant($"{Node} {FirstRow}-{EndRow - 1}");
}
