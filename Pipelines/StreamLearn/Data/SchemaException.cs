namespace StreamLearn;

/// <summary>Columns, types or units differ from what a block requires.</summary>
/// <param name="message">The expected and the actual columns.</param>
public sealed class SchemaException(string message) : Exception(message);
