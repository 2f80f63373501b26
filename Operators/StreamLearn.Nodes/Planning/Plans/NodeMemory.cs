namespace StreamLearn.Nodes;

/// <summary>Memory that a route takes on a node.</summary>
/// <param name="Node">The name of the node.</param>
/// <param name="Bytes">Weights and activations of a batch; in training gradients and the optimizer's values too.</param>
public readonly record struct NodeMemory(string Node, long Bytes);
