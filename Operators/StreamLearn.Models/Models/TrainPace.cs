namespace StreamLearn.Models;

/// <summary>Behavior of a device between an update and the next model.</summary>
public enum TrainPace
{
    /// <summary>Continues at once from its newest model.</summary>
    Free,

    /// <summary>Waits for a newer model, and takes no rows unless it learns continuously.</summary>
    LockStep,
}
