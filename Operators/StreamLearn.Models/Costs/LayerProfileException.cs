namespace StreamLearn.Models;

/// <summary>Bytes are not the file of a layer profile, or one of another version, or one with a number that cannot be.</summary>
/// <param name="message">What was expected, what came.</param>
/// <param name="inner">What found it out; null if this did.</param>
public sealed class LayerProfileException(string message, Exception? inner = null) : Exception($"layer profile: {message}", inner);
