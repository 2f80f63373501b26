namespace StreamLearn.Nodes;

/// <summary>A device's state at the start of a slot.</summary>
/// <param name="Tasks">Queued tasks.</param>
/// <param name="Energy">Stored energy units.</param>
/// <param name="Station">The last station, from 0.</param>
/// <param name="Links">The class of each link, as the digits of a number: <see cref="OffloadProcess.ClassOf"/>.</param>
public readonly record struct OffloadState(int Tasks, int Energy, int Station, int Links);
