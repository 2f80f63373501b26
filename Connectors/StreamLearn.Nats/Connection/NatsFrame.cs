using System.Buffers;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>A message that has come: its bytes are readable during the call.</summary>
/// <param name="subject">Its subject.</param>
/// <param name="replyTo">Where to answer; empty: nowhere.</param>
/// <param name="headers">The header block; empty: none.</param>
/// <param name="payload">The payload.</param>
internal readonly ref struct NatsFrame(
    string subject, string replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
{
    internal string Subject { get; } = subject;

    internal string ReplyTo { get; } = replyTo;

    internal ReadOnlySequence<byte> Headers { get; } = headers;

    internal ReadOnlySequence<byte> Payload { get; } = payload;

    internal int HeaderLength => (int)Headers.Length;

    internal int Length => HeaderLength + (int)Payload.Length;

    /// <summary>Copies headers and payload, one after the other.</summary>
    internal void CopyTo(Span<byte> bytes)
    {
        Headers.CopyTo(bytes);
        Payload.CopyTo(bytes[HeaderLength..]);
    }
}

/// <summary>Takes a message on the thread that reads the connection; it neither waits nor throws.</summary>
internal delegate void TakeFrame(in NatsFrame frame);

/// <summary>A subscription whose messages are taken where they are read. The client's own keeps them in a channel, which drops the
/// newest.</summary>
internal sealed class NatsTap(INatsConnection connection, string subject, string? group, TakeFrame take)
    : NatsSubBase(connection, connection.SubscriptionManager, subject, group, opts: null)
{
    /// <inheritdoc />
    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        take(new(subject, replyTo ?? "", headersBuffer ?? ReadOnlySequence<byte>.Empty, payloadBuffer));
        return default;
    }

    /// <inheritdoc />
    protected override void TryComplete()
    {
    }
}

/// <summary>What is published: an envelope or nothing, then the payload. The client copies both before the call returns.</summary>
internal readonly record struct NatsPayload(ReadOnlyMemory<byte> Prefix, ReadOnlySequence<byte> Bytes)
{
    internal long Length => Prefix.Length + Bytes.Length;
}

/// <summary>Writes a <see cref="NatsPayload"/>.</summary>
internal sealed class NatsPayloadWriter : INatsSerialize<NatsPayload>
{
    internal static readonly NatsPayloadWriter Shared = new();

    /// <inheritdoc />
    public void Serialize(IBufferWriter<byte> bufferWriter, NatsPayload value)
    {
        bufferWriter.Write(value.Prefix.Span);
        foreach (var segment in value.Bytes) { bufferWriter.Write(segment.Span); }
    }
}
