namespace StreamLearn;

/// <summary>A batch or a flow has other columns, types or units than a block needs.</summary>
/// <param name="message">What was expected, what came.</param>
public sealed class SchemaException(string message) : Exception(message);
