using System.Buffers;

namespace StreamLearn;

/// <summary>A message for a decoder, without acknowledgement; valid during the call.</summary>
public readonly ref struct Received
{
    internal Received(Topic topic, in ReadOnlySequence<byte> payload, bool isRetained = false, MessageProperties? properties = null,
        bool isRedelivered = false, MessageOrigin origin = default) =>
        (Topic, Payload, IsRetained, Properties, IsRedelivered, Origin) =
            (topic, payload, isRetained, properties, isRedelivered, origin);

    /// <summary>The topic.</summary>
    public Topic Topic { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySequence<byte> Payload { get; }

    /// <summary>True if delivered as a retained message, which may be old.</summary>
    public bool IsRetained { get; }

    /// <summary>True if its source marked it as redelivered, as after a restart of the reader: it may already be processed.</summary>
    public bool IsRedelivered { get; }

    /// <summary>The identity; if there is none, its source is empty.</summary>
    public MessageOrigin Origin { get; }

    /// <summary>Properties in addition to the payload; null: none.</summary>
    public MessageProperties? Properties { get; }
}
