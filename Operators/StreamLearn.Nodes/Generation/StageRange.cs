using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The blocks that a node runs.</summary>
/// <param name="Node">The node, 1 to 256 bytes in UTF-8.</param>
/// <param name="First">The first block.</param>
/// <param name="End">The block after the last one.</param>
public readonly record struct StageRange(string Node, int First, int End);
