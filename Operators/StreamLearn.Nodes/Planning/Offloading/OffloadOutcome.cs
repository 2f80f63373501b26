namespace StreamLearn.Nodes;

/// <summary>The effect of an action, before arrivals.</summary>
internal readonly record struct OffloadOutcome(double Cost, OffloadState After, bool IsDone, bool HasFailed);
