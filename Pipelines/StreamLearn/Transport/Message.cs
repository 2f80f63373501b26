using System.Buffers;

namespace StreamLearn;

/// <summary>A transport's owner of message memory and acknowledgements.</summary>
public interface IMessageOwner
{
    /// <summary>Confirms a message to its source, which will not redeliver it.</summary>
    /// <param name="id">The owner's number.</param>
    void Acknowledge(long id);

    /// <summary>Reports a message as unprocessed; its source may redeliver it.</summary>
    /// <param name="id">The owner's number.</param>
    /// <param name="reason">The reason.</param>
    void Refuse(long id, string reason);

    /// <summary>Releases the payload's memory without acknowledging.</summary>
    /// <param name="id">The owner's number.</param>
    void Release(long id);
}

/// <summary>A delivered message. Call exactly one of <see cref="Acknowledge"/> and <see cref="Refuse"/>, and <see cref="Dispose"/> after
/// reading the payload.</summary>
/// <param name="topic">The topic.</param>
/// <param name="payload">The bytes, readable until disposed.</param>
/// <param name="origin">The identity.</param>
/// <param name="owner">The owner of memory and acknowledgement.</param>
/// <param name="id">The owner's number.</param>
public readonly struct Message(
    Topic topic, ReadOnlySequence<byte> payload, MessageOrigin origin, IMessageOwner owner, long id) : IDisposable
{
    /// <summary>The topic.</summary>
    public Topic Topic { get; } = topic;

    /// <summary>The bytes, readable until disposed.</summary>
    public ReadOnlySequence<byte> Payload { get; } = payload;

    /// <summary>The identity; without one, the source is empty.</summary>
    public MessageOrigin Origin { get; } = origin;

    /// <summary>True if delivered as a retained message, which may be old. Default false.</summary>
    public bool IsRetained { get; init; }

    /// <summary>True if its source marks it as redelivered: it may be processed already. Default false.</summary>
    public bool IsRedelivered { get; init; }

    /// <summary>Properties beside the payload; default null: none.</summary>
    public MessageProperties? Properties { get; init; }

    internal IMessageOwner Owner { get; } = owner;

    internal long Id { get; } = id;

    /// <summary>The message without its envelope. Acknowledge and dispose only one of the two.</summary>
    internal Message Opened(in ReadOnlySequence<byte> payload, MessageOrigin origin) =>
        new(Topic, payload, origin, Owner, Id) { IsRetained = IsRetained, IsRedelivered = IsRedelivered, Properties = Properties };

    /// <summary>Confirms the message to its source.</summary>
    public void Acknowledge() => Owner.Acknowledge(Id);

    /// <summary>Reports the message to the source as unprocessed.</summary>
    /// <param name="reason">The reason.</param>
    public void Refuse(string reason) => Owner.Refuse(Id, reason);

    /// <summary>Releases the payload's memory.</summary>
    public void Dispose() => Owner.Release(Id);
}
