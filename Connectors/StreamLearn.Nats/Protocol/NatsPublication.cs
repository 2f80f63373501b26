using System.Buffers;

namespace StreamLearn.Nats;

/// <summary>A message to be published.</summary>
internal readonly ref struct NatsPublication
{
    /// <summary>Its subject.</summary>
    internal required ReadOnlySpan<byte> Subject { get; init; }

    /// <summary>Where answers go; empty: none is expected.</summary>
    internal ReadOnlySpan<byte> ReplyTo { get; init; }

    /// <summary>What a <see cref="NatsHeaderWriter"/> has written; empty: no headers.</summary>
    internal ReadOnlySpan<byte> HeaderBlock { get; init; }

    /// <summary>What goes before the payload; empty: nothing.</summary>
    internal ReadOnlySpan<byte> Prefix { get; init; }

    /// <summary>The payload.</summary>
    internal ReadOnlySequence<byte> Payload { get; init; }
}
