namespace StreamLearn;

/// <summary>Saved state cannot be restored because it is damaged, has another format, or was saved with other settings.</summary>
/// <param name="message">The expected and the actual columns.</param>
public sealed class StateException(string message) : Exception(message);
