namespace StreamLearn.Simulation;

/// <summary>A file is not a link trace; the message says in one line what to fix.</summary>
/// <param name="message">Position, expected and actual.</param>
public sealed class LinkTraceException(string message) : Exception(message);
