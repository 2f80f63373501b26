using System.Buffers;

namespace StreamLearn.Nats;

/// <summary>Writes operations of a client. Everything is checked before the first byte is written; a message costs no allocation.</summary>
internal static class NatsWriter
{
    /// <summary>More than an operation's name, a space and two line ends.</summary>
    private const int LineParts = 16;

    /// <summary>PUB, or HPUB if there are headers.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="publication">The message.</param>
    /// <param name="maximumBytes">Most bytes of headers and payload together, as the server's INFO says.</param>
    /// <exception cref="ArgumentException">The subject, the reply subject or the headers are not such.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The message is larger than the server takes, or its subjects are.</exception>
    internal static void Publish(IBufferWriter<byte> output, in NatsPublication publication, int maximumBytes)
    {
        Check(NatsSubject.PublishFault(publication.Subject), "subject");
        if (!publication.ReplyTo.IsEmpty) { Check(NatsSubject.PublishFault(publication.ReplyTo), "reply subject"); }
        var headers = publication.HeaderBlock;
        if (!headers.IsEmpty) { Check(NatsHeaders.FaultOf(headers)?.Text, "headers"); }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headers.Length, NatsLimits.HeaderBytes, nameof(publication));
        var total = headers.Length + publication.Prefix.Length + publication.Payload.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(total, maximumBytes, nameof(publication));
        var arguments = CheckedLength(
            (long)publication.Subject.Length + FieldLength(publication.ReplyTo)
            + (headers.IsEmpty ? 0 : 1 + NatsSpan.Digits((ulong)headers.Length)) + 1 + NatsSpan.Digits((ulong)total));

        var bytes = new NatsSpan(output.GetSpan(checked(LineParts + arguments + (int)total)));
        bytes.Raw(headers.IsEmpty ? "PUB"u8 : "HPUB"u8);
        bytes.Field(publication.Subject);
        if (!publication.ReplyTo.IsEmpty) { bytes.Field(publication.ReplyTo); }
        if (!headers.IsEmpty) { bytes.Field((ulong)headers.Length); }
        bytes.Field((ulong)total);
        bytes.End();
        bytes.Raw(headers);
        bytes.Raw(publication.Prefix);
        if (publication.Payload.IsSingleSegment) { bytes.Raw(publication.Payload.FirstSpan); }
        else
        {
            foreach (var segment in publication.Payload) { bytes.Raw(segment.Span); }
        }

        bytes.End();
        output.Advance(bytes.Length);
    }

    /// <summary>PUB of a few bytes to where a message is acknowledged: a subject that was checked when the message came.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="what">What is said.</param>
    internal static void Acknowledge(IBufferWriter<byte> output, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> what)
    {
        var bytes = new NatsSpan(output.GetSpan(LineParts + subject.Length + 1 + NatsSpan.MaxDigits + what.Length));
        bytes.Raw("PUB"u8);
        bytes.Field(subject);
        bytes.Field((ulong)what.Length);
        bytes.End();
        bytes.Raw(what);
        bytes.End();
        output.Advance(bytes.Length);
    }

    /// <summary>SUB.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="filter">The subject, with or without wildcards.</param>
    /// <param name="group">The queue group; empty: none.</param>
    /// <param name="subscriptionId">From 1; messages come with it.</param>
    /// <exception cref="ArgumentException">The filter or the group is not such.</exception>
    /// <exception cref="ArgumentOutOfRangeException">They are too long, or the id is 0.</exception>
    internal static void Subscribe(IBufferWriter<byte> output, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> group, ulong subscriptionId)
    {
        var arguments = CheckSubscribe(filter, group, subscriptionId);
        var bytes = new NatsSpan(output.GetSpan(LineParts + arguments));
        bytes.Raw("SUB"u8);
        bytes.Field(filter);
        if (!group.IsEmpty) { bytes.Field(group); }
        bytes.Field(subscriptionId);
        bytes.End();
        output.Advance(bytes.Length);
    }

    /// <summary>Whether SUB can be written: see there.</summary>
    /// <returns>Bytes of its arguments.</returns>
    internal static int CheckSubscribe(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> group, ulong subscriptionId)
    {
        Check(NatsSubject.FilterFault(filter), "filter");
        if (!group.IsEmpty) { Check(NatsSubject.GroupFault(group), "queue group"); }
        ArgumentOutOfRangeException.ThrowIfZero(subscriptionId);
        return CheckedLength((long)filter.Length + FieldLength(group) + 1 + NatsSpan.Digits(subscriptionId));
    }

    /// <summary>UNSUB.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="maximumMessages">It ends once so many came, counted from its start; 0: at once.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is 0.</exception>
    internal static void Unsubscribe(IBufferWriter<byte> output, ulong subscriptionId, ulong maximumMessages)
    {
        ArgumentOutOfRangeException.ThrowIfZero(subscriptionId);
        var bytes = new NatsSpan(output.GetSpan(LineParts + (2 * (NatsSpan.MaxDigits + 1))));
        bytes.Raw("UNSUB"u8);
        bytes.Field(subscriptionId);
        if (maximumMessages > 0) { bytes.Field(maximumMessages); }
        bytes.End();
        output.Advance(bytes.Length);
    }

    /// <summary>PING.</summary>
    internal static void Ping(IBufferWriter<byte> output) => output.Write("PING\r\n"u8);

    /// <summary>PONG.</summary>
    internal static void Pong(IBufferWriter<byte> output) => output.Write("PONG\r\n"u8);

    private static void Check(string? fault, string what)
    {
        if (fault is not null) { throw new ArgumentException($"{what}: {fault}"); }
    }

    private static int FieldLength(ReadOnlySpan<byte> field) => field.IsEmpty ? 0 : 1 + field.Length;

    /// <summary>What a server counts of a line: what follows the operation's name and a space, up to the line's end.</summary>
    private static int CheckedLength(long arguments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments, NatsLimits.Arguments, "subject");
        return (int)arguments;
    }
}
