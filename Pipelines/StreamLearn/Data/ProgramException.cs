namespace StreamLearn;

/// <summary>A request cannot be fulfilled, for example because files cannot be read. The message is one line that says what to
/// do.</summary>
/// <param name="message">The message.</param>
/// <param name="exitCode">The exit code of the program.</param>
public sealed class ProgramException(string message, int exitCode) : Exception(message)
{
    /// <summary>The exit code of the program, such as 65: the data was refused.</summary>
    public int ExitCode { get; } = exitCode;
}
