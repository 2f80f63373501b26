namespace StreamLearn.Testing;

/// <summary>An operator under test broke its contract or a test's expectation. The message can be written to the test's log.</summary>
/// <param name="message">The expected and the actual columns.</param>
/// <param name="cause">The operator's exception, if any.</param>
public sealed class OperatorContractException(string message, Exception? cause = null) : Exception(message, cause);
