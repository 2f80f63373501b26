namespace StreamLearn.Models;

/// <summary>A layer profile is invalid or of another version.</summary>
/// <param name="message">What was expected and what was found.</param>
/// <param name="inner">The cause; null: none.</param>
public sealed class LayerProfileException(string message, Exception? inner = null) : Exception($"layer profile: {message}", inner);
