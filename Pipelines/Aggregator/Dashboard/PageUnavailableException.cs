namespace Aggregator;

internal sealed class PageUnavailableException(string message, Exception cause) : Exception(message, cause);
