namespace StreamLearn.Nodes;

/// <summary>A slot that was played.</summary>
/// <param name="Next">The state after it.</param>
/// <param name="Cost">What it cost.</param>
/// <param name="HasArrived">True if a task came.</param>
/// <param name="IsDropped">True if the task that came was dropped: the queue was full.</param>
public readonly record struct OffloadSlot(OffloadState Next, double Cost, bool HasArrived, bool IsDropped);
