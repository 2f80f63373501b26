using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>
/// The headers of a message, read where they are: <c>NATS/1.0[ status[ description]]</c>, then <c>name:value</c> on a line each, then a
/// blank line. Names keep their case. Blanks around a value do not belong to it. Source: NATS ADR-4, "NATS Message Headers".
/// </summary>
/// <param name="block">A block without fault, or nothing.</param>
internal readonly ref struct NatsHeaders(ReadOnlySpan<byte> block)
{
    private readonly ReadOnlySpan<byte> _block = block;

    internal static ReadOnlySpan<byte> Version => "NATS/1.0"u8;

    /// <summary>The status of an answer that the server itself gives, such as 503, no responders; 0: there is none.</summary>
    internal int Status => StatusLine.Length < 3 ? 0 : ((StatusLine[0] - '0') * 100) + ((StatusLine[1] - '0') * 10) + StatusLine[2] - '0';

    /// <summary>The text behind the status; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Description => StatusLine.Length < 3 ? default : Trimmed(StatusLine[3..]);

    private ReadOnlySpan<byte> StatusLine =>
        _block.IsEmpty ? default : Trimmed(_block[Version.Length.._block.IndexOf((byte)'\r')]);

    /// <summary>What is wrong with a block; null: nothing.</summary>
    internal static NatsFault? FaultOf(ReadOnlySpan<byte> block)
    {
        if (!block.StartsWith(Version)) { return NatsFaults.HeaderVersion; }
        if (!Utf8.IsValid(block)) { return NatsFaults.HeaderUtf8; }
        var rest = block[Version.Length..];
        if (!TryLine(ref rest, out var line)) { return NatsFaults.HeaderStatus; }
        if (!line.IsEmpty && !NatsFields.IsBlank(line[0])) { return NatsFaults.HeaderVersion; }
        if (!line.IsEmpty && !IsStatus(Trimmed(line))) { return NatsFaults.HeaderStatus; }
        for (var count = 0; ; count++)
        {
            if (rest.StartsWith("\r\n"u8)) { return rest.Length == 2 ? null : NatsFaults.HeaderEnd; }
            if (rest.IsEmpty) { return NatsFaults.HeaderEnd; }
            if (count == NatsLimits.HeaderCount) { return NatsFaults.HeaderCount; }
            var name = rest.IndexOfAnyExcept(NatsBytes.HeaderName);
            if (name <= 0 || rest[name] != ':') { return NatsFaults.HeaderName; }
            rest = rest[(name + 1)..];
            if (!TryLine(ref rest, out _)) { return NatsFaults.HeaderValue; }
        }
    }

    /// <summary>True if a header can have a name.</summary>
    internal static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && name.IndexOfAnyExcept(NatsBytes.HeaderName) < 0;

    /// <summary>True if a value comes back as it is: no control characters but tabs, no blanks around it, well-formed UTF-8.</summary>
    internal static bool IsValue(ReadOnlySpan<byte> value) =>
        value.IndexOfAny(NatsBytes.Controls) < 0 && Trimmed(value).Length == value.Length && Utf8.IsValid(value);

    /// <summary>Finds the first header that has a name, case included.</summary>
    internal bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var header in this)
        {
            if (!header.Name.SequenceEqual(name)) { continue; }
            value = header.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Goes through the headers in their order.</summary>
    public Enumerator GetEnumerator() => new(_block);

    internal static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    private static bool IsStatus(ReadOnlySpan<byte> text) =>
        text.Length >= 3 && text[..3].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && (text.Length == 3 || NatsFields.IsBlank(text[3]));

    /// <summary>Takes a line off, with the CR LF that ends it.</summary>
    private static bool TryLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        line = default;
        var end = rest.IndexOfAny(NatsBytes.Controls);
        if (end < 0 || !rest[end..].StartsWith("\r\n"u8)) { return false; }
        line = rest[..end];
        rest = rest[(end + 2)..];
        return true;
    }

    /// <summary>A header.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    internal readonly ref struct Header(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        internal ReadOnlySpan<byte> Name { get; } = name;

        internal ReadOnlySpan<byte> Value { get; } = value;
    }

    /// <summary>Goes through the headers.</summary>
    internal ref struct Enumerator(ReadOnlySpan<byte> block)
    {
        private ReadOnlySpan<byte> _rest = block.IsEmpty ? default : block[(block.IndexOf((byte)'\n') + 1)..];

        /// <summary>The header that was reached.</summary>
        public Header Current { get; private set; }

        /// <summary>Goes on to the next header.</summary>
        public bool MoveNext()
        {
            if (_rest.Length <= 2) { return false; }
            var (colon, end) = (_rest.IndexOf((byte)':'), _rest.IndexOf((byte)'\r'));
            Current = new(_rest[..colon], Trimmed(_rest[(colon + 1)..end]));
            _rest = _rest[(end + 2)..];
            return true;
        }
    }
}
