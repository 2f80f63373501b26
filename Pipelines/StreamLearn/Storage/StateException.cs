namespace StreamLearn;

/// <summary>Saved state cannot be restored: damaged, of another format, or of other settings.</summary>
/// <param name="message">Expected and actual.</param>
public sealed class StateException(string message) : Exception(message);
