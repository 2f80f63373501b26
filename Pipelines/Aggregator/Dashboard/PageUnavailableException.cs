namespace Aggregator;

/// <summary>The page cannot be at its address.</summary>
/// <param name="message">Why.</param>
/// <param name="cause">What the system says.</param>
internal sealed class PageUnavailableException(string message, Exception cause) : Exception(message, cause);
