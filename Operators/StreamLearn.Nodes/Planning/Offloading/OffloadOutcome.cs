namespace StreamLearn.Nodes;

/// <summary>What an action did, before anything comes.</summary>
/// <param name="Cost">Its cost, without that of a drop.</param>
/// <param name="After">What is left: tasks, energy, the station used last, and the links as they were.</param>
/// <param name="IsDone">True if a task is done.</param>
/// <param name="HasFailed">True if an attempt took longer than the slot.</param>
public readonly record struct OffloadOutcome(double Cost, OffloadState After, bool IsDone, bool HasFailed);
