using System.Buffers;

namespace StreamLearn;

/// <summary>Where the memory and the acknowledgement of a message belong; implemented by transports.</summary>
public interface IMessageOwner
{
    /// <summary>Confirms a message to its source: it will not come again.</summary>
    /// <param name="id">The owner's number for it.</param>
    void Acknowledge(long id);

    /// <summary>Tells the source that a message was not processed: it may come again.</summary>
    /// <param name="id">The owner's number for it.</param>
    /// <param name="reason">Why.</param>
    void Refuse(long id, string reason);

    /// <summary>Takes the payload's memory back; it does not acknowledge.</summary>
    /// <param name="id">The owner's number for it.</param>
    void Release(long id);
}

/// <summary>A message as a transport delivers it. Exactly one of <see cref="Acknowledge"/> and <see cref="Refuse"/>, and
/// <see cref="Dispose"/> when the payload has been read.</summary>
/// <param name="topic">Its topic.</param>
/// <param name="payload">Its bytes, readable until it is disposed.</param>
/// <param name="origin">Its identity.</param>
/// <param name="owner">Where its memory and acknowledgement belong.</param>
/// <param name="id">The owner's number for it.</param>
public readonly struct Message(
    Topic topic, ReadOnlySequence<byte> payload, MessageOrigin origin, IMessageOwner owner, long id) : IDisposable
{
    /// <summary>The topic.</summary>
    public Topic Topic { get; } = topic;

    /// <summary>The bytes, readable until the message is disposed.</summary>
    public ReadOnlySequence<byte> Payload { get; } = payload;

    /// <summary>The identity; its source is empty if the message has none.</summary>
    public MessageOrigin Origin { get; } = origin;

    /// <summary>True if it was kept for later subscribers and is delivered because of that: it may be old. Default false.</summary>
    public bool IsRetained { get; init; }

    /// <summary>True if its source says that it has sent the message before: it may have been processed already. Default false.</summary>
    public bool IsRedelivered { get; init; }

    /// <summary>What it carries beside its payload; null, the default: nothing.</summary>
    public MessageProperties? Properties { get; init; }

    internal IMessageOwner Owner { get; } = owner;

    internal long Id { get; } = id;

    /// <summary>The message without its envelope's header, with the envelope's identity. Of the two, one is acknowledged and
    /// disposed.</summary>
    internal Message Opened(in ReadOnlySequence<byte> payload, MessageOrigin origin) =>
        new(Topic, payload, origin, Owner, Id) { IsRetained = IsRetained, IsRedelivered = IsRedelivered, Properties = Properties };

    /// <summary>Confirms the message to its source.</summary>
    public void Acknowledge() => Owner.Acknowledge(Id);

    /// <summary>Tells the source that the message was not processed.</summary>
    /// <param name="reason">Why.</param>
    public void Refuse(string reason) => Owner.Refuse(Id, reason);

    /// <summary>Gives the payload's memory back.</summary>
    public void Dispose() => Owner.Release(Id);
}
