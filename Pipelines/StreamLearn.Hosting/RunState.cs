namespace StreamLearn.Hosting;

/// <summary>State of a hosted pipeline.</summary>
public enum RunState
{
    /// <summary>The host has not started it.</summary>
    NotStarted,

    /// <summary>The pipeline is running.</summary>
    Running,

    /// <summary>The host is stopping: sources have ended, and remaining messages are processed.</summary>
    Draining,

    /// <summary>Everything was processed.</summary>
    Finished,

    /// <summary>A block failed.</summary>
    Failed,

    /// <summary>The run was canceled before everything was processed.</summary>
    Canceled,

    /// <summary>The host is stopping: the state is being saved.</summary>
    Saving,

    /// <summary>The run stopped with its state saved, for another run to resume.</summary>
    Saved,
}
