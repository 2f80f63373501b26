namespace StreamLearn.Nodes;

/// <summary>A device's action in a slot.</summary>
/// <param name="Place">Where the first queued task runs: 0 on the device, n on station n − 1.</param>
/// <param name="Units">Energy units to spend, limited by the store; 0: do nothing.</param>
public readonly record struct OffloadAction(int Place, int Units);
