namespace StreamLearn;

/// <summary>A request that cannot be met, such as files that cannot be read; the message is a line that names the remedy.</summary>
/// <param name="message">The message.</param>
/// <param name="exitCode">The code with which a program ends.</param>
public sealed class ProgramException(string message, int exitCode) : Exception(message)
{
    /// <summary>The code with which a program ends, such as 65: data refused.</summary>
    public int ExitCode { get; } = exitCode;
}
