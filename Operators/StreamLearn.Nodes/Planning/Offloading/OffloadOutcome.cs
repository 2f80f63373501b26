namespace StreamLearn.Nodes;

internal readonly record struct OffloadOutcome(double Cost, OffloadState After, bool IsDone, bool HasFailed);
