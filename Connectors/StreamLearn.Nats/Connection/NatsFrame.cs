using System.Buffers;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>A received message, valid during the call. <paramref name="replyTo"/>, <paramref name="headers"/>: empty: none.</summary>
internal readonly ref struct NatsFrame(string subject, string replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
{
    internal string Subject { get; } = subject;

    internal string ReplyTo { get; } = replyTo;

    internal ReadOnlySequence<byte> Headers { get; } = headers;

    internal ReadOnlySequence<byte> Payload { get; } = payload;

    internal int HeaderLength => (int)Headers.Length;

    internal int Length => HeaderLength + (int)Payload.Length;

    /// <summary>Copies the headers, then the payload.</summary>
    internal void CopyTo(Span<byte> bytes)
    {
        Headers.CopyTo(bytes);
        Payload.CopyTo(bytes[HeaderLength..]);
    }
}

/// <summary>Runs on the reader thread; it must not block or throw.</summary>
internal delegate void TakeFrame(in NatsFrame frame);

/// <summary>A subscription that is handled on the reader thread, because the client's own channel drops the newest messages.</summary>
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

    /// <summary>True: it must not be subscribed again.</summary>
    internal bool HasEnded { get => Volatile.Read(ref _hasEnded); private set => Volatile.Write(ref _hasEnded, value); }

    protected override void TryComplete() => HasEnded = true;
}

/// <summary><paramref name="Lease"/>: how long the bytes can be read; null: always.</summary>
internal readonly record struct NatsPayload(ReadOnlySequence<byte> Bytes, PayloadLease? Lease = null)
{
    internal long Length => Bytes.Length;
}

/// <summary>Limits access to the memory of a payload. The client copies it within the call, but after a loss only on the next connection,
/// when the publisher may have reused it.</summary>
internal sealed class PayloadLease
{
    private readonly Lock _lock = new();
    private bool _isOver;

    internal void End()
    {
        lock (_lock) { _isOver = true; }
    }

    /// <summary>Keeps the lease open while copying.</summary>
    /// <exception cref="OperationCanceledException">The lease is over: nothing is sent.</exception>
    internal void Copy(in NatsPayload payload, IBufferWriter<byte> into)
    {
        lock (_lock)
        {
            if (_isOver) { throw new OperationCanceledException("the message is no longer published"); }
            NatsPayloadWriter.Copy(payload, into);
        }
    }
}

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
