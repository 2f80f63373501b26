namespace StreamLearn.Nodes;

/// <summary>A played slot.</summary>
/// <param name="Next">The next state.</param>
/// <param name="Cost">Its cost.</param>
/// <param name="HasArrived">True if a task arrived.</param>
/// <param name="IsDropped">True if the queue was full and the task dropped.</param>
internal readonly record struct OffloadSlot(OffloadState Next, double Cost, bool HasArrived, bool IsDropped);
