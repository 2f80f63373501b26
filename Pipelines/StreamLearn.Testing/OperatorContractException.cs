namespace StreamLearn.Testing;

/// <summary>An operator under test broke its contract or a test's expectation. The message suits the test's log.</summary>
/// <param name="message">Expected and actual.</param>
/// <param name="cause">The operator's exception, if any.</param>
public sealed class OperatorContractException(string message, Exception? cause = null) : Exception(message, cause);
