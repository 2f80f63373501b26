namespace StreamLearn.Programs;

/// <summary>A participant cannot be started with what its folder holds, or without a folder.</summary>
/// <param name="message">What is wrong, and what helps.</param>
/// <param name="exitCode">What the program ends with.</param>
/// <param name="cause">The exception behind it; null, the default: there is none.</param>
public sealed class StateFolderException(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the program ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
