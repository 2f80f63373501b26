namespace StreamLearn.Simulated;

/// <summary>A request that cannot be met; the message is one line with a fix.</summary>
internal sealed class ProgramException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
