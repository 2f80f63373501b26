namespace StreamLearn;

/// <summary>A source that can resume after a number of messages, such as a recording. Sources without a position restart with the data then
/// available.</summary>
/// <remarks>Use <see cref="IStateful"/> for more state than a position. <see cref="OperatorContext.Started"/> and the initial
/// <see cref="OperatorContext.Now"/> are shifted by the downtime.</remarks>
public interface ISeekable
{
    /// <summary>Skips the first messages. Called once, before the first message.</summary>
    /// <param name="messages">Messages already made, or of batches for a source of batches.</param>
    /// <exception cref="StateException">There are fewer messages, as in a truncated recording; the run does not start.</exception>
    void Seek(long messages);
}
