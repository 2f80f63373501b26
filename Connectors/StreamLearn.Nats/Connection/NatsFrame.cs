using System.Buffers;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>A message that has come: its bytes are readable during the call. <paramref name="replyTo"/>: where to answer; empty: nowhere.
/// <paramref name="headers"/>: the header block; empty: none.</summary>
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
    private bool _hasEnded;

    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        take(new(subject, replyTo ?? "", headersBuffer ?? ReadOnlySequence<byte>.Empty, payloadBuffer));
        return default;
    }

    /// <summary>True if it is not subscribed to any more, and must not be again.</summary>
    internal bool HasEnded { get => Volatile.Read(ref _hasEnded); private set => Volatile.Write(ref _hasEnded, value); }

    protected override void TryComplete() => HasEnded = true;
}

/// <summary>What is published. <paramref name="Lease"/>: how long it can be read; null: as long as anybody wants to.</summary>
internal readonly record struct NatsPayload(ReadOnlySequence<byte> Bytes, PayloadLease? Lease = null)
{
    internal long Length => Bytes.Length;
}

/// <summary>How long the memory of a payload may be read. The client copies it with the call; where it finds the connection lost, once
/// there is another. By then whoever published may have given up, and the memory may hold something else.</summary>
internal sealed class PayloadLease
{
    private readonly Lock _lock = new();
    private bool _isOver;

    /// <summary>The memory is not read any more.</summary>
    internal void End()
    {
        lock (_lock) { _isOver = true; }
    }

    /// <summary>Copies a payload, during which it does not end.</summary>
    /// <exception cref="OperationCanceledException">It is over: nothing is sent.</exception>
    internal void Copy(in NatsPayload payload, IBufferWriter<byte> into)
    {
        lock (_lock)
        {
            if (_isOver) { throw new OperationCanceledException("the message is not published any more"); }
            NatsPayloadWriter.Copy(payload, into);
        }
    }
}

/// <summary>Writes a <see cref="NatsPayload"/>.</summary>
internal sealed class NatsPayloadWriter : INatsSerialize<NatsPayload>
{
    internal static readonly NatsPayloadWriter Shared = new();

    public void Serialize(IBufferWriter<byte> bufferWriter, NatsPayload value)
    {
        if (value.Lease is { } lease) { lease.Copy(value, bufferWriter); }
        else { Copy(value, bufferWriter); }
    }

    internal static void Copy(in NatsPayload payload, IBufferWriter<byte> into)
    {
        foreach (var segment in payload.Bytes) { into.Write(segment.Span); }
    }
}
