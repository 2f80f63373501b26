namespace StreamLearn.Nodes;

/// <summary>Memory of a route on a node.</summary>
/// <param name="Node">Node name.</param>
/// <param name="Bytes">Weights and activations of a batch; in training also gradients and optimizer state.</param>
internal readonly record struct NodeMemory(string Node, long Bytes);
