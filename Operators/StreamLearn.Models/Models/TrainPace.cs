namespace StreamLearn.Models;

/// <summary>What a device does between an update and the next model.</summary>
public enum TrainPace
{
    /// <summary>It continues at once from its newest model.</summary>
    Free,

    /// <summary>It waits for a newer model, and accepts no rows unless it learns continuously.</summary>
    LockStep,
}
