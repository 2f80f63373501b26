namespace StreamLearn;

/// <summary>A message that contains the name of its sender, which is also a level of its topic.</summary>
/// <remarks> Message content can be forged, but brokers can restrict who publishes to a topic. A subscription with one named level, such as
/// <c>plant/{device}/up/delta</c>, therefore sets each message's sender to the name at that level. </remarks>
public interface ISentOnTopic<out TSelf>
    where TSelf : class
{
    /// <summary>Returns the message with the sender from the topic, or the message itself if the sender is equal.</summary>
    /// <param name="sender">The sender according to the topic.</param>
    TSelf SentBy(string sender);

    /// <summary>Does the same with the identity of the publication, for messages that keep it. By default, the identity is
    /// ignored.</summary>
    /// <param name="sender">The sender according to the topic.</param>
    /// <param name="origin">The publication's identity.</param>
    TSelf SentBy(string sender, MessageOrigin origin) => SentBy(sender);
}
