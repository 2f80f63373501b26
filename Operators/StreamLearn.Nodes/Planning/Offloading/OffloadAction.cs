namespace StreamLearn.Nodes;

/// <summary>What a device does in a slot.</summary>
/// <param name="Place">Where the first task in the queue is run: 0 on the device, n on station n − 1.</param>
/// <param name="Units">Units of energy spent on it; 0: nothing is done. More than there is in store means all of it.</param>
public readonly record struct OffloadAction(int Place, int Units);
