namespace StreamLearn.Nodes;

/// <summary>The effect of an action, before arrivals.</summary>
/// <param name="Cost">Its cost, without drops.</param>
/// <param name="After">Remaining tasks, energy, last station, and unchanged links.</param>
/// <param name="IsDone">True if a task is done.</param>
/// <param name="HasFailed">True if an attempt exceeded the slot.</param>
internal readonly record struct OffloadOutcome(double Cost, OffloadState After, bool IsDone, bool HasFailed);
