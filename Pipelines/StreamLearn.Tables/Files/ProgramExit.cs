namespace StreamLearn.Tables;

/// <summary>Exit codes of a fleet's programs.</summary>
internal static class ProgramExit
{
    /// <summary>Completed, or drained on request.</summary>
    public const int Done = 0;

    /// <summary>A block failed: an error of the program.</summary>
    public const int Failed = 1;

    /// <summary>Invalid command line.</summary>
    public const int BadCommandLine = 2;

    /// <summary>Unreadable data.</summary>
    public const int DataRefused = 65;

    /// <summary>The server is unreachable, and the program does not wait.</summary>
    public const int NoLink = 69;

    /// <summary>All rows were learned, but no aggregator answered, or it refused everything.</summary>
    public const int NobodyAnswered = 68;

    /// <summary>The state folder is in use or not writable.</summary>
    public const int StateUnusable = 73;

    /// <summary>A disk failed or is full, or the state is damaged without an older copy, or of another configuration.</summary>
    public const int DiskFailed = 74;

    /// <summary>Stopped safely, but the drain did not finish in time.</summary>
    public const int DrainTimedOut = 75;

    /// <summary>The server refused the login.</summary>
    public const int LoginRefused = 77;

    /// <summary>The configuration is invalid, or the server is unfit for the fleet: it stores nothing, or limits messages below an
    /// update.</summary>
    public const int BadConfiguration = 78;

    /// <summary>Interrupted twice: nothing was drained.</summary>
    public const int Interrupted = 130;
}
