namespace Aggregator;

/// <summary>The page cannot be at its address.</summary>
internal sealed class PageUnavailableException(string message, Exception cause) : Exception(message, cause);
