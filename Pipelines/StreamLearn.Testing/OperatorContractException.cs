namespace StreamLearn.Testing;

/// <summary>An operator under test broke what every operator promises, or did not give what its test expects. The message is a sentence
/// for the test's log.</summary>
/// <param name="message">What was expected and what came.</param>
/// <param name="cause">What the operator threw, if it threw.</param>
public sealed class OperatorContractException(string message, Exception? cause = null) : Exception(message, cause);
