namespace StreamLearn.Nats;

/// <summary>
/// Reads MSG and HMSG. What tells where the message ends is checked as soon as it is there; the rest once the message is whole, so that a
/// message with a wrong subject or header can be passed over.
/// </summary>
internal static class NatsMessageReader
{
    /// <summary><c>NATS/1.0</c> and two line ends.</summary>
    private const int LeastHeaders = 12;

    /// <param name="bytes">What has come; it starts with the message's control line.</param>
    /// <param name="end">Where the line's CR LF is.</param>
    /// <param name="verb">Bytes of the operation's name.</param>
    /// <param name="maximumPayload">Bytes of a payload at most.</param>
    /// <param name="frame">The message; of one that alone is at fault, whom it is for and where it is answered.</param>
    /// <param name="consumed">Its bytes.</param>
    /// <param name="fault">Why there is none.</param>
    internal static NatsFrameState Read(
        ReadOnlySpan<byte> bytes, int end, int verb, int maximumPayload, out NatsFrame frame, out int consumed, out NatsFault fault)
    {
        frame = default;
        (consumed, fault) = (0, default);
        var hasHeaders = verb == 4;
        var fields = NatsFields.Split(bytes[..end], verb);
        var least = hasHeaders ? 4 : 3;
        if (fields.Count != least && fields.Count != least + 1)
        {
            return Refuse(hasHeaders ? NatsFaults.HeaderFields : NatsFaults.MessageFields, out fault);
        }

        var sid = fields[1].Of(bytes);
        if (sid[0] == '0' || !NatsFields.TryNumber(sid, out var id)) { return Refuse(NatsFaults.SubscriptionId, out fault); }
        var headers = 0ul;
        if (!NatsFields.TryNumber(fields[fields.Count - 1].Of(bytes), out var total)
            || (hasHeaders && !NatsFields.TryNumber(fields[fields.Count - 2].Of(bytes), out headers)))
        {
            return Refuse(NatsFaults.Size, out fault);
        }

        if (headers > total) { return Refuse(NatsFaults.HeaderSize, out fault); }
        var most = (ulong)maximumPayload + (hasHeaders ? NatsLimits.HeaderBytes : 0u);
        if (total > most || total - headers > (ulong)maximumPayload) { return Refuse(NatsFaults.LargePayload, out fault); }
        var start = end + 2;
        var behind = start + (long)total;       // no overflow: both are limited
        if (behind < bytes.Length && bytes[(int)behind] != '\r') { return Refuse(NatsFaults.MessageEnd, out fault); }
        if (behind + 1 < bytes.Length && bytes[(int)behind + 1] != '\n') { return Refuse(NatsFaults.MessageEnd, out fault); }
        if (behind + 2 > bytes.Length) { return NatsFrameState.More; }

        consumed = (int)behind + 2;
        var replyTo = fields.Count > least ? fields[2] : default;
        frame = new(bytes, NatsOperation.Message) { SubscriptionId = id };
        if (fields.Count > least && NatsSubject.PublishFault(replyTo.Of(bytes)) is not null)
        {
            return Refuse(NatsFaults.ReplyTo, out fault);
        }

        frame = new(bytes, NatsOperation.Message) { SubscriptionId = id, ReplyToPart = replyTo };
        if (NatsSubject.PublishFault(fields[0].Of(bytes)) is not null) { return Refuse(NatsFaults.Subject, out fault); }
        if (hasHeaders && headers is (< LeastHeaders or > NatsLimits.HeaderBytes)) { return Refuse(NatsFaults.HeaderBytes, out fault); }
        if (hasHeaders && NatsHeaders.FaultOf(bytes.Slice(start, (int)headers)) is { } wrong) { return Refuse(wrong, out fault); }
        frame = new(bytes, NatsOperation.Message)
        {
            TextPart = fields[0],
            SubscriptionId = id,
            ReplyToPart = replyTo,
            HeaderStart = start,
            HeaderLength = (int)headers,
            PayloadLength = (int)(total - headers),
        };
        return NatsFrameState.Whole;
    }

    private static NatsFrameState Refuse(NatsFault wrong, out NatsFault fault)
    {
        fault = wrong;
        return NatsFrameState.Fault;
    }
}
