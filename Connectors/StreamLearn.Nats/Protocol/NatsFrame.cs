namespace StreamLearn.Nats;

/// <summary>How far an operation has come.</summary>
internal enum NatsFrameState : byte
{
    /// <summary>More bytes are needed.</summary>
    More,

    /// <summary>All of it is there.</summary>
    Whole,

    /// <summary>It is refused.</summary>
    Fault,
}

/// <summary>One operation of a server, over the bytes it came in. Fields that its operation does not have are empty or 0.</summary>
internal readonly ref struct NatsFrame
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal NatsFrame(ReadOnlySpan<byte> bytes, NatsOperation operation)
    {
        _bytes = bytes;
        Operation = operation;
    }

    internal NatsOperation Operation { get; }

    internal NatsPart TextPart { get; init; }

    internal NatsPart ReplyToPart { get; init; }

    internal int HeaderLength { get; init; }

    internal int PayloadLength { get; init; }

    /// <summary>The subscription that a message is for.</summary>
    internal ulong SubscriptionId { get; init; }

    /// <summary>Where the header block starts in the bytes that were cut; the payload follows it.</summary>
    internal int HeaderStart { get; init; }

    /// <summary>Where the payload starts in the bytes that were cut.</summary>
    internal int PayloadStart => HeaderStart + HeaderLength;

    /// <summary>The JSON object of INFO, the text of -ERR without its quotes.</summary>
    internal ReadOnlySpan<byte> Text => Operation == NatsOperation.Message ? default : TextPart.Of(_bytes);

    /// <summary>The subject of a message.</summary>
    internal ReadOnlySpan<byte> Subject => Operation == NatsOperation.Message ? TextPart.Of(_bytes) : default;

    /// <summary>The subject that an answer goes to; empty: none is expected.</summary>
    internal ReadOnlySpan<byte> ReplyTo => ReplyToPart.Of(_bytes);

    /// <summary>The headers as they came; empty: there are none.</summary>
    internal ReadOnlySpan<byte> HeaderBlock => _bytes.Slice(HeaderStart, HeaderLength);

    /// <summary>The headers.</summary>
    internal NatsHeaders Headers => new(HeaderBlock);

    /// <summary>The payload.</summary>
    internal ReadOnlySpan<byte> Payload => _bytes.Slice(PayloadStart, PayloadLength);
}
