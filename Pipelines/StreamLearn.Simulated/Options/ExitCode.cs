namespace StreamLearn.Simulated;

internal static class ExitCode
{
    /// <summary>The fleet had no failed device, lost update, missing row or doubt.</summary>
    public const int Done = 0;

    /// <summary>A participant failed, the server is absent, updates were lost, or the row ledger does not add up.</summary>
    public const int Failed = 1;

    /// <summary>A file or server is unreadable or refused.</summary>
    public const int Refused = 1;

    public const int BadCommandLine = 2;

    /// <summary>The result is doubtful; the program prints why.</summary>
    public const int Doubtful = 3;

    public const int DataRefused = 65;

    public const int CannotWrite = 73;

    public const int BadScenario = 78;

    public const int Interrupted = 130;
}
