namespace StreamLearn;

/// <summary>A message that names its sender, where a level of its topic does so as well.</summary>
/// <remarks>
/// What a message says of itself, anybody may write. What its topic says can be guarded by the rights of a broker: a device that may
/// publish to its own topics alone cannot speak for another. A subscription whose filter has one named level, such as
/// <c>plant/{device}/up/delta</c>, gives each message the text of that level.
/// </remarks>
/// <typeparam name="TSelf">The type of the message.</typeparam>
public interface ISentOnTopic<out TSelf>
    where TSelf : class
{
    /// <summary>The message with what its topic says: itself where both name the same sender.</summary>
    /// <param name="sender">Who may publish to the topic, as it says.</param>
    TSelf SentBy(string sender);

    /// <summary>The same with the identity of the publication: a message that needs it keeps it. Default: it does not.</summary>
    /// <param name="sender">Who may publish to the topic, as it says.</param>
    /// <param name="origin">Which publication of which start of the sender it is.</param>
    TSelf SentBy(string sender, MessageOrigin origin) => SentBy(sender);
}
