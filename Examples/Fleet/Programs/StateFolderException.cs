namespace StreamLearn.Fleets;

/// <summary>Nothing can be written to the state folder.</summary>
/// <param name="message">One line.</param>
/// <param name="cause">Why.</param>
public sealed class StateFolderException(string message, Exception cause) : Exception(message, cause);
