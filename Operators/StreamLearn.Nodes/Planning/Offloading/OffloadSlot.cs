namespace StreamLearn.Nodes;

internal readonly record struct OffloadSlot(OffloadState Next, double Cost, bool HasArrived, bool IsDropped);
