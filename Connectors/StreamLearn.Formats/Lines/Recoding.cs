namespace StreamLearn.Formats;

/// <summary>Converts text to UTF-8 part by part, and keeps the begin of a character for the next part.</summary>
internal sealed class Recoding(Encoding encoding)
{
    internal const int MaxGrowth = 3;       // UTF-8 bytes of a byte, or of a character that is cut

    private const int Part = 4096;

    private readonly Decoder _decoder = encoding.GetDecoder();
    private readonly char[] _characters = new char[encoding.GetMaxCharCount(Part)];

    /// <summary>Returns the encoding of a byte order mark; null: none, or UTF-8.</summary>
    internal static Encoding? OfMark(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    /// <summary>Returns the encoding if it is not UTF-8.</summary>
    internal static Encoding? Other(Encoding? encoding) => encoding is UTF8Encoding ? null : encoding;

    /// <summary>Returns the number of bytes written. <paramref name="to"/>: at least <see cref="MaxGrowth"/> bytes more than
    /// <see cref="MaxGrowth"/> times the text.</summary>
    internal int Write(ReadOnlySpan<byte> from, Span<byte> to, bool isEnd)
    {
        var written = 0;
        do
        {
            var part = from[..Math.Min(Part, from.Length)];
            from = from[part.Length..];
            var count = _decoder.GetChars(part, _characters, isEnd && from.IsEmpty);
            written += Encoding.UTF8.GetBytes(_characters.AsSpan(0, count), to[written..]);
        }
        while (!from.IsEmpty);
        return written;
    }
}
