namespace StreamLearn.Programs;

/// <summary>What the programs of a fleet end with.</summary>
public static class ProgramExit
{
    /// <summary>Done, or drained after it was asked to end.</summary>
    public const int Done = 0;

    /// <summary>A block failed: a fault of the program.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int BadCommandLine = 2;

    /// <summary>The data cannot be read.</summary>
    public const int DataRefused = 65;

    /// <summary>The server cannot be reached, and the program was told not to wait for it.</summary>
    public const int NoLink = 69;

    /// <summary>All rows were learned from, and no aggregator ever answered, or it refused everything.</summary>
    public const int NobodyAnswered = 68;

    /// <summary>The state folder is used by another program or cannot be written to.</summary>
    public const int StateUnusable = 73;

    /// <summary>A disk failed or is full, or the state is damaged and there is no older one, or it is of another configuration.</summary>
    public const int DiskFailed = 74;

    /// <summary>Stopped safely, but something was still under way when the time to drain was over.</summary>
    public const int DrainTimedOut = 75;

    /// <summary>The server lets nobody in with this login.</summary>
    public const int LoginRefused = 77;

    /// <summary>The configuration is invalid, or the server is not set up for the fleet: it keeps nothing, or takes no message as large
    /// as an update.</summary>
    public const int BadConfiguration = 78;

    /// <summary>Asked to end twice: nothing was drained.</summary>
    public const int Interrupted = 130;
}
