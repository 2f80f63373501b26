namespace StreamLearn;

/// <summary>A message that names its sender, as a level of its topic does.</summary>
/// <remarks> Message content can be forged, but brokers can restrict who publishes to a topic. A subscription with one named level, such as
/// <c>plant/{device}/up/delta</c>, therefore sets each message's sender to that level's text. </remarks>
/// <typeparam name="TSelf">The message's type.</typeparam>
public interface ISentOnTopic<out TSelf>
    where TSelf : class
{
    /// <summary>Returns the message with the topic's sender; itself if equal.</summary>
    /// <param name="sender">The sender by the topic.</param>
    TSelf SentBy(string sender);

    /// <summary>Does so with the publication's identity, for messages that keep it. Default: ignored.</summary>
    /// <param name="sender">The sender by the topic.</param>
    /// <param name="origin">The publication's identity.</param>
    TSelf SentBy(string sender, MessageOrigin origin) => SentBy(sender);
}
