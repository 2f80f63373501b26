namespace StreamLearn.Programs;

/// <summary>A participant cannot start with its folder.</summary>
/// <param name="message">The error and the fix.</param>
/// <param name="exitCode">The exit code.</param>
/// <param name="cause">The cause; default null: none.</param>
internal sealed class StateFolderException(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
