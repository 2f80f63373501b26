namespace StreamLearn.Nodes;

/// <summary>Consecutive layers on a node.</summary>
/// <param name="First">First layer, from 0.</param>
/// <param name="End">One past the last layer.</param>
/// <param name="Node">Node name.</param>
public readonly record struct LayerRange(int First, int End, string Node)
{
    /// <summary>Number of layers.</summary>
    public int Count => End - First;

    /// <summary>Returns node and layers, such as <c>pi-1 0-2</c>.</summary>
    public override string ToString() => Count == 1 ? $"{Node} {First}" : $"{Node} {First}-{End - 1}";
}
