namespace StreamLearn.Nats;

/// <summary>What can be wrong with what a server sends.</summary>
internal static class NatsFaults
{
    internal static NatsFault Verb => Stream("expected INFO, MSG, HMSG, PING, PONG, +OK or -ERR, got another operation");

    internal static NatsFault VerbEnd => Stream("expected a space, a tab or the line's end after the operation's name");

    internal static NatsFault LineEnd => Stream("expected a control line that ends with CR LF");

    internal static NatsFault Control => Stream("expected a line without control characters");

    internal static NatsFault LongLine => Stream("expected a control line of at most 8 KiB");

    internal static NatsFault LongInfo => Stream("expected an INFO line of at most 64 KiB");

    internal static NatsFault Arguments => Stream("expected PING, PONG and +OK without arguments");

    internal static NatsFault MessageFields => Stream("expected MSG subject sid [reply-to] size");

    internal static NatsFault HeaderFields => Stream("expected HMSG subject sid [reply-to] header-size total-size");

    internal static NatsFault SubscriptionId => Stream("expected a subscription id that is a decimal number from 1, without leading zeros");

    internal static NatsFault Size => Stream("expected a size that is a decimal number without sign");

    internal static NatsFault LargePayload => Stream("expected a payload of at most the agreed size");

    internal static NatsFault HeaderSize => Stream("expected a header size of at most the total size");

    internal static NatsFault MessageEnd => Stream("expected CR LF directly after the payload");

    internal static NatsFault InfoText => Stream("expected INFO with a JSON object in well-formed UTF-8");

    internal static NatsFault InfoMember => Stream("expected INFO with members of their types, each at most once");

    internal static NatsFault ErrorText => Stream("expected -ERR with a text in well-formed UTF-8");

    internal static NatsFault Subject =>
        Message("expected a subject of tokens that are not empty, UTF-8 without blanks, controls, '*' and '>'");

    internal static NatsFault ReplyTo =>
        Message("expected a reply subject of tokens that are not empty, UTF-8 without blanks, controls, '*' and '>'");

    internal static NatsFault HeaderBytes => Message("expected headers from 12 bytes to 64 KiB");

    internal static NatsFault HeaderVersion => Message("expected headers that start with NATS/1.0 and CR LF or a blank");

    internal static NatsFault HeaderStatus => Message("expected a status of three digits, and after a blank its description");

    internal static NatsFault HeaderName => Message("expected a header name of visible ASCII, followed by ':'");

    internal static NatsFault HeaderValue => Message("expected a header value without control characters, followed by CR LF");

    internal static NatsFault HeaderUtf8 => Message("expected headers in well-formed UTF-8");

    internal static NatsFault HeaderCount => Message("expected at most 256 headers");

    internal static NatsFault HeaderEnd => Message("expected headers that end with one blank line, and nothing after it");

    private static NatsFault Stream(string text) => new(text, IsOfMessage: false);

    private static NatsFault Message(string text) => new(text, IsOfMessage: true);
}
