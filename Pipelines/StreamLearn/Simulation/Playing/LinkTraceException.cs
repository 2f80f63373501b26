namespace StreamLearn.Simulation;

/// <summary>A file is no trace of a link; the message is one line that says what to mend.</summary>
/// <param name="message">Where, what was expected, what came.</param>
public sealed class LinkTraceException(string message) : Exception(message);
