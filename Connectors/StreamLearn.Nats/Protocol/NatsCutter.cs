using System.Text;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>
/// Cuts what a server has sent into operations. It keeps nothing between calls and allocates nothing: it is given all that came and is not
/// consumed, each time more came. Source: NATS client protocol, https://docs.nats.io/reference/reference-protocols/nats-protocol.
/// </summary>
internal static class NatsCutter
{
    /// <summary>Cuts the next operation off.</summary>
    /// <param name="bytes">What has come and is not consumed.</param>
    /// <param name="maximumPayload">Bytes of a message's payload at most; its headers have a limit of their own.</param>
    /// <param name="frame">The operation, over <paramref name="bytes"/>.</param>
    /// <param name="consumed">Its bytes; of a message that alone is at fault, too.</param>
    /// <param name="fault">Why there is none.</param>
    internal static NatsFrameState Next(
        ReadOnlySpan<byte> bytes, int maximumPayload, out NatsFrame frame, out int consumed, out NatsFault fault)
    {
        frame = default;
        (consumed, fault) = (0, default);
        if (bytes.IsEmpty) { return NatsFrameState.More; }
        var verb = VerbOf(bytes, out var operation);
        if (verb.IsEmpty) { return Refuse(NatsFaults.Verb, out fault); }
        var known = Math.Min(bytes.Length, verb.Length);
        if (!Ascii.EqualsIgnoreCase(bytes[..known], verb[..known])) { return Refuse(NatsFaults.Verb, out fault); }
        if (bytes.Length == known) { return NatsFrameState.More; }
        if (!NatsFields.IsBlank(bytes[known]) && bytes[known] != '\r') { return Refuse(NatsFaults.VerbEnd, out fault); }

        var limit = operation == NatsOperation.Info ? NatsLimits.Info : NatsLimits.ControlLine;
        var seen = bytes[..Math.Min(bytes.Length, limit)];
        var length = seen[known..].IndexOf((byte)'\n');
        if (length < 0)
        {
            if (seen.Length < limit) { return NatsFrameState.More; }
            return Refuse(limit == NatsLimits.Info ? NatsFaults.LongInfo : NatsFaults.LongLine, out fault);
        }

        // a CR before is not the line's end: a server takes one inside a subject, and its publisher alone is at fault
        var end = known + length - 1;
        if (bytes[end] != '\r') { return Refuse(NatsFaults.LineEnd, out fault); }
        return operation == NatsOperation.Message
            ? NatsMessageReader.Read(bytes, end, verb.Length, maximumPayload, out frame, out consumed, out fault)
            : ReadLine(bytes, end, verb.Length, operation, out frame, out consumed, out fault);
    }

    private static ReadOnlySpan<byte> VerbOf(ReadOnlySpan<byte> bytes, out NatsOperation operation)
    {
        (operation, var verb) = bytes[0] switch
        {
            (byte)'M' or (byte)'m' => (NatsOperation.Message, 0),
            (byte)'H' or (byte)'h' => (NatsOperation.Message, 1),
            (byte)'P' or (byte)'p' when bytes.Length > 1 && bytes[1] is (byte)'O' or (byte)'o' => (NatsOperation.Pong, 2),
            (byte)'P' or (byte)'p' => (NatsOperation.Ping, 3),
            (byte)'I' or (byte)'i' => (NatsOperation.Info, 4),
            (byte)'+' => (NatsOperation.Ok, 5),
            (byte)'-' => (NatsOperation.Error, 6),
            _ => (default, 7),
        };
        return verb switch
        {
            0 => "MSG"u8,
            1 => "HMSG"u8,
            2 => "PONG"u8,
            3 => "PING"u8,
            4 => "INFO"u8,
            5 => "+OK"u8,
            6 => "-ERR"u8,
            _ => default,
        };
    }

    /// <summary>An operation that is one line.</summary>
    private static NatsFrameState ReadLine(
        ReadOnlySpan<byte> bytes, int end, int start, NatsOperation operation, out NatsFrame frame, out int consumed, out NatsFault fault)
    {
        frame = default;
        (consumed, fault) = (0, default);
        var last = end;
        while (start < last && NatsFields.IsBlank(bytes[start])) { start++; }
        while (last > start && NatsFields.IsBlank(bytes[last - 1])) { last--; }
        var text = bytes[start..last];
        if (text.IndexOfAny(NatsBytes.Controls) >= 0) { return Refuse(NatsFaults.Control, out fault); }
        switch (operation)
        {
            case NatsOperation.Info when text is not [(byte)'{', .., (byte)'}'] || !Utf8.IsValid(text):
                return Refuse(NatsFaults.InfoText, out fault);
            case NatsOperation.Error when !Utf8.IsValid(text):
                return Refuse(NatsFaults.ErrorText, out fault);
            case NatsOperation.Error when text is [(byte)'\'', .., (byte)'\'']:
                (start, last) = (start + 1, last - 1);
                break;
            case NatsOperation.Ping or NatsOperation.Pong or NatsOperation.Ok when !text.IsEmpty:
                return Refuse(NatsFaults.Arguments, out fault);
        }

        frame = new(bytes, operation) { TextPart = new(start, last - start) };
        consumed = end + 2;
        return NatsFrameState.Whole;
    }

    private static NatsFrameState Refuse(NatsFault wrong, out NatsFault fault)
    {
        fault = wrong;
        return NatsFrameState.Fault;
    }
}
