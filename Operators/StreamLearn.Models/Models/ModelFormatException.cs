namespace StreamLearn.Models;

/// <summary>A model file is invalid, damaged, or has another version or model.</summary>
/// <param name="message">What was expected and what was found.</param>
/// <param name="inner">The cause; null: none.</param>
public sealed class ModelFormatException(string message, Exception? inner = null) : Exception($"model file: {message}", inner);
