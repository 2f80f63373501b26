namespace StreamLearn;

/// <summary>Saved state that cannot be taken up: it is damaged, of another form, or of a block with other settings.</summary>
/// <param name="message">What was expected, what was found.</param>
public sealed class StateException(string message) : Exception(message);
