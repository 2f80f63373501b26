namespace StreamLearn;

/// <summary>A source that can go on after a number of its messages, such as a recording. After a restart it goes on where the checkpoint
/// was; a source without a position begins with what there is then.</summary>
/// <remarks>A source with more state than a position is <see cref="IStateful"/> instead. Its start, <see cref="OperatorContext.Started"/>
/// and <see cref="OperatorContext.Now"/> as it is made, is moved by the time between checkpoint and restart.</remarks>
public interface ISeekable
{
    /// <summary>Goes to the place after the first messages. Called once, before the first message is asked for.</summary>
    /// <param name="messages">How many have been made: of a source of batches so many batches, not rows.</param>
    /// <exception cref="StateException">There are fewer, as in a recording that has become shorter: the run is not started.</exception>
    void Seek(long messages);
}
