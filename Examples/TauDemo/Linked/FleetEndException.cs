namespace TauDemo;

/// <summary>A member of a fleet over a server cannot go on.</summary>
/// <param name="message">Why, a sentence for people; empty: there is nothing to say.</param>
/// <param name="exitCode">What its program ends with.</param>
internal sealed class FleetEndException(string message, int exitCode) : Exception(message)
{
    /// <summary>What its program ends with.</summary>
    internal int ExitCode { get; } = exitCode;
}
