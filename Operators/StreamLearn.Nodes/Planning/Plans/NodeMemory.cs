namespace StreamLearn.Nodes;

internal readonly record struct NodeMemory(string Node, long Bytes);
