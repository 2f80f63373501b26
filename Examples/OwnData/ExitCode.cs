namespace StreamLearn.OwnData;

/// <summary>Exit codes of what goes wrong with files.</summary>
internal static class ExitCode
{
    /// <summary>The command line cannot be understood.</summary>
    public const int BadCommandLine = 2;

    /// <summary>The data cannot be read.</summary>
    public const int DataRefused = 65;
}
