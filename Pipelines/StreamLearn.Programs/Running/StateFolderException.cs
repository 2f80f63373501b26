namespace StreamLearn.Programs;

internal sealed class StateFolderException(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
