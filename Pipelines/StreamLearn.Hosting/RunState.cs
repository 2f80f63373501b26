namespace StreamLearn.Hosting;

/// <summary>Where a pipeline of the host stands.</summary>
public enum RunState
{
    /// <summary>The host has not started it.</summary>
    NotStarted,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>The host stops: its sources have ended, and what is under way is being processed.</summary>
    Draining,

    /// <summary>All is processed.</summary>
    Finished,

    /// <summary>A block failed.</summary>
    Failed,

    /// <summary>It was canceled before all was processed.</summary>
    Canceled,

    /// <summary>The host stops: the state is being saved.</summary>
    Saving,

    /// <summary>It was stopped, and its state is saved: another run goes on from there.</summary>
    Saved,
}
