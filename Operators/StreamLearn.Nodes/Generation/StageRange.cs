namespace StreamLearn.Nodes;

/// <summary>Blocks of a node.</summary>
/// <param name="Node">The node, 1 to 256 bytes in UTF-8.</param>
/// <param name="First">The first block.</param>
/// <param name="End">The block after the last.</param>
public readonly record struct StageRange(string Node, int First, int End);
