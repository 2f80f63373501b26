namespace StreamLearn.Models;

/// <summary>Bytes are not a model file, or one that is damaged, of another version or of another model than is wanted.</summary>
/// <param name="message">What was expected, what came.</param>
/// <param name="inner">What found it out; null if this did.</param>
public sealed class ModelFormatException(string message, Exception? inner = null) : Exception($"model file: {message}", inner);
