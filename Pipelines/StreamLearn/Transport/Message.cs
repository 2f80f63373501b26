using System.Buffers;

namespace StreamLearn;

/// <summary>The part of a transport that owns the memory of messages and handles acknowledgements.</summary>
public interface IMessageOwner
{
    /// <summary>Confirms a message to its source, which then does not redeliver it.</summary>
    /// <param name="id">The number of the message at the owner.</param>
    void Acknowledge(long id);

    /// <summary>Reports a message as unprocessed; its source may redeliver it.</summary>
    /// <param name="id">The number of the message at the owner.</param>
    /// <param name="reason">The reason.</param>
    void Refuse(long id, string reason);

    /// <summary>Releases the memory of the payload without acknowledging.</summary>
    /// <param name="id">The number of the message at the owner.</param>
    void Release(long id);
}

/// <summary>A delivered message. Call exactly one of <see cref="Acknowledge"/> and <see cref="Refuse"/>. Call <see cref="Dispose"/> after
/// reading the payload.</summary>
/// <param name="topic">The topic.</param>
/// <param name="payload">The bytes, readable until disposed.</param>
/// <param name="origin">The identity.</param>
/// <param name="owner">The owner of memory and acknowledgement.</param>
/// <param name="id">The number of the message at the owner.</param>
public readonly struct Message(
    Topic topic, ReadOnlySequence<byte> payload, MessageOrigin origin, IMessageOwner owner, long id) : IDisposable
{
    /// <summary>The topic.</summary>
    public Topic Topic { get; } = topic;

    /// <summary>The bytes, readable until disposed.</summary>
    public ReadOnlySequence<byte> Payload { get; } = payload;

    /// <summary>The identity; if there is none, its source is empty.</summary>
    public MessageOrigin Origin { get; } = origin;

    /// <summary>True if it was delivered as a retained message, which may be old. Default false.</summary>
    public bool IsRetained { get; init; }

    /// <summary>True if its source marked it as redelivered: it may already be processed. Default false.</summary>
    public bool IsRedelivered { get; init; }

    /// <summary>Properties in addition to the payload; default null: none.</summary>
    public MessageProperties? Properties { get; init; }

    internal IMessageOwner Owner { get; } = owner;

    internal long Id { get; } = id;

    /// <summary>Returns the message without its envelope. Acknowledge and dispose only one of the two.</summary>
    internal Message Opened(in ReadOnlySequence<byte> payload, MessageOrigin origin) =>
        new(Topic, payload, origin, Owner, Id) { IsRetained = IsRetained, IsRedelivered = IsRedelivered, Properties = Properties };

    /// <summary>Confirms the message to its source.</summary>
    public void Acknowledge() => Owner.Acknowledge(Id);

    /// <summary>Reports the message to the source as unprocessed.</summary>
    public void Refuse(string reason) => Owner.Refuse(Id, reason);

    /// <summary>Releases the payload's memory.</summary>
    public void Dispose() => Owner.Release(Id);
}
