namespace StreamLearn.Models;

/// <summary>What a device does between an update and the next model.</summary>
public enum TrainPace
{
    /// <summary>It goes on at once, from the newest model it has.</summary>
    Free,

    /// <summary>It makes no steps until a newer model has come, and takes no rows unless it learns continuously: lock-step mode.</summary>
    LockStep,
}
