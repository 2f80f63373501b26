using System.Buffers;

namespace StreamLearn;

/// <summary>A message as a decoder sees it: all but its acknowledgement. Lives as long as the call.</summary>
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

    /// <summary>True if it was kept for later subscribers and is delivered because of that: it may be old.</summary>
    public bool IsRetained { get; }

    /// <summary>True if its source says that it has sent the message before, as after a restart of the reader: it may have been processed
    /// already.</summary>
    public bool IsRedelivered { get; }

    /// <summary>Who published it, and as which; its source is empty if the message has no identity.</summary>
    public MessageOrigin Origin { get; }

    /// <summary>What it carries beside its payload; null: nothing.</summary>
    public MessageProperties? Properties { get; }
}

/// <summary>Reads a message of which topic or properties matter. Never throws on bad bytes; keeps nothing of the message, whose bytes are
/// used again.</summary>
/// <typeparam name="T">What it makes.</typeparam>
/// <param name="message">The message.</param>
/// <param name="pool">Where batches are rented.</param>
/// <returns>What it made; null: the message is dropped and counted as <c>malformed</c>.</returns>
public delegate T? MessageDecoder<out T>(in Received message, BatchPool pool)
    where T : class;
