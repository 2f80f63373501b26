namespace StreamLearn.Nodes;

/// <summary>A played slot.</summary>
internal readonly record struct OffloadSlot(OffloadState Next, double Cost, bool HasArrived, bool IsDropped);
