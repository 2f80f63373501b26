namespace StreamLearn.Programs;

/// <summary>The program cannot do what was asked; the message is one line with a fix, and the code is the exit code.</summary>
internal sealed class ProgramException(string message, int exitCode) : Exception(message)
{
    /// <summary>What the program ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
