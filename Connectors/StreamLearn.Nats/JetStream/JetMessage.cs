namespace StreamLearn.Nats;

/// <summary>A message of a stream, as a reader hands it out: its bytes are readable until it is released.</summary>
/// <param name="Topic">Its topic; the default value: its subject is none of a topic.</param>
/// <param name="Bytes">Headers, then the payload.</param>
/// <param name="HeaderLength">Bytes of the headers.</param>
/// <param name="Length">All bytes.</param>
/// <param name="Nanoseconds">When the stream took it: since 1970.</param>
/// <param name="Id">The reader's number for it.</param>
/// <param name="IsRetained">True: it was there before the reader began.</param>
/// <param name="IsRedelivered">True: it was delivered before.</param>
internal readonly record struct JetMessage(Topic Topic, byte[] Bytes, int HeaderLength, int Length,
    long Nanoseconds, long Id, bool IsRetained, bool IsRedelivered)
{
    /// <summary>The header block; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Headers => Bytes.AsSpan(0, HeaderLength);

    /// <summary>The payload.</summary>
    internal ReadOnlyMemory<byte> Payload => Bytes.AsMemory(HeaderLength, Length - HeaderLength);

    /// <summary>What it says of a key: that it is gone, or what it is. Empty: a value, or no key at all.</summary>
    internal ReadOnlySpan<byte> Operation =>
        new HeaderBlock(Headers).TryFind("KV-Operation"u8, out var operation) ? operation : default;
}
