namespace StreamLearn.Nodes;

/// <summary>Consecutive layers that a node runs.</summary>
/// <param name="First">The first layer, from 0.</param>
/// <param name="End">The layer after the last one.</param>
/// <param name="Node">The name of the node.</param>
public readonly record struct LayerRange(int First, int End, string Node)
{
    /// <summary>Number of layers.</summary>
    public int Count => End - First;

    /// <summary>The node and its layers, such as <c>pi-1 0-2</c>.</summary>
    public override string ToString() => Count == 1 ? $"{Node} {First}" : $"{Node} {First}-{End - 1}";
}
