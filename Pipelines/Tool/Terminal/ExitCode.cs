namespace Tool;

/// <summary>What the program ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done: of a fleet, no device failed, no update was lost, every row is accounted for, and nothing makes the result
    /// doubtful.</summary>
    public const int Done = 0;

    /// <summary>A device or the aggregator failed, the server is not there, updates were lost, or the row ledger does not add up.</summary>
    public const int Failed = 1;

    /// <summary>A file or a server cannot be read, or is refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int BadCommandLine = 2;

    /// <summary>The fleet ran, but its result is doubtful: the program says why.</summary>
    public const int Doubtful = 3;

    /// <summary>The data or the recording cannot be read.</summary>
    public const int DataRefused = 65;

    /// <summary>A result cannot be written.</summary>
    public const int CannotWrite = 73;

    /// <summary>The scenario is refused.</summary>
    public const int BadScenario = 78;

    /// <summary>Ended by a person before it was done.</summary>
    public const int Interrupted = 130;
}
