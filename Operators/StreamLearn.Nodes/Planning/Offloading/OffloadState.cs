namespace StreamLearn.Nodes;

/// <summary>What a device sees at the begin of a slot in which it may offload a task.</summary>
/// <param name="Tasks">Tasks that wait.</param>
/// <param name="Energy">Units of energy in store.</param>
/// <param name="Station">The station that it used last, from 0.</param>
/// <param name="Links">The class of the link to each station, as the digits of a number: <see cref="OffloadProcess.ClassOf"/>.</param>
public readonly record struct OffloadState(int Tasks, int Energy, int Station, int Links);
