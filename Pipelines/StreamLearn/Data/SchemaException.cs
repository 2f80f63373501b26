namespace StreamLearn;

/// <summary>Columns, types or units differ from what a block needs.</summary>
/// <param name="message">Expected and actual.</param>
public sealed class SchemaException(string message) : Exception(message);
