namespace StreamLearn.Tables;

internal static class ProgramExit
{
    /// <summary>The program completed, or drained on request.</summary>
    public const int Done = 0;

    /// <summary>A block failed because of an error in the program.</summary>
    public const int Failed = 1;

    /// <summary>The command line is invalid.</summary>
    public const int BadCommandLine = 2;

    /// <summary>The data is unreadable.</summary>
    public const int DataRefused = 65;

    /// <summary>The server is unreachable, and the program does not wait.</summary>
    public const int NoLink = 69;

    /// <summary>All rows were learned, but no aggregator answered, or it refused everything.</summary>
    public const int NobodyAnswered = 68;

    /// <summary>The state folder is in use or not writable.</summary>
    public const int StateUnusable = 73;

    /// <summary>A disk failed or is full, or the state is damaged without an older copy, or it belongs to another configuration.</summary>
    public const int DiskFailed = 74;

    /// <summary>The program stopped safely, but the drain did not finish in time.</summary>
    public const int DrainTimedOut = 75;

    /// <summary>The server refused the login.</summary>
    public const int LoginRefused = 77;

    /// <summary>The configuration is invalid, or the server is unfit for the fleet: it stores nothing, or limits messages below an
    /// update.</summary>
    public const int BadConfiguration = 78;

    /// <summary>The program was interrupted twice, so nothing was drained.</summary>
    public const int Interrupted = 130;
}
