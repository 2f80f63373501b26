namespace Tool;

/// <summary>What the program ends with.</summary>
internal static class ExitCode
{
    internal const int Done = 0;

    /// <summary>A file or a server cannot be read, or is refused.</summary>
    internal const int Refused = 1;

    internal const int BadCommandLine = 2;

    /// <summary>Ended by a person before it was done.</summary>
    internal const int Interrupted = 130;
}
