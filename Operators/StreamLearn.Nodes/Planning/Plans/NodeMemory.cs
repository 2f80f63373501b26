namespace StreamLearn.Nodes;

/// <summary>Memory of a route on a node.</summary>
internal readonly record struct NodeMemory(string Node, long Bytes);
