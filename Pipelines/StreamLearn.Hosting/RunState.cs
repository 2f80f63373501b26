namespace StreamLearn.Hosting;

/// <summary>State of a hosted pipeline.</summary>
public enum RunState
{
    /// <summary>The host has not started it.</summary>
    NotStarted,

    /// <summary>The pipeline is running.</summary>
    Running,

    /// <summary>The host stops: sources have ended, and remaining messages are processed.</summary>
    Draining,

    /// <summary>Everything is processed.</summary>
    Finished,

    /// <summary>A block failed.</summary>
    Failed,

    /// <summary>Canceled before everything was processed.</summary>
    Canceled,

    /// <summary>The host stops: the state is being saved.</summary>
    Saving,

    /// <summary>Stopped with its state saved, for another run to resume.</summary>
    Saved,
}
