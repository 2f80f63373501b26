namespace StreamLearn.Nats;

/// <summary>A message that has come, as a subscription hands it out: its bytes are readable until it is released.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Bytes">Where to answer, headers and payload, one after the other.</param>
/// <param name="ReplyLength">Bytes of the subject to answer to.</param>
/// <param name="HeaderLength">Bytes of the headers.</param>
/// <param name="Length">All bytes.</param>
/// <param name="Sequence">Its number in the subscription, from 0.</param>
/// <param name="Id">The subscription's number for it.</param>
internal readonly record struct NatsMessage(
    Topic Topic, byte[] Bytes, int ReplyLength, int HeaderLength, int Length, long Sequence, long Id)
{
    /// <summary>The subject to answer to; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Reply => Bytes.AsSpan(0, ReplyLength);

    /// <summary>The header block; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Headers => Bytes.AsSpan(ReplyLength, HeaderLength);

    /// <summary>Where the payload begins among the bytes.</summary>
    internal int PayloadAt => ReplyLength + HeaderLength;

    /// <summary>The payload.</summary>
    internal ReadOnlySpan<byte> Payload => Bytes.AsSpan(PayloadAt, Length - PayloadAt);
}
