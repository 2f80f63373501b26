namespace StreamLearn.Formats;

internal static class TextEncoding
{
    /// <summary>Returns the encoding of a byte order mark, else the one that was said; null: UTF-8.</summary>
    internal static Encoding? Of(ReadOnlySpan<byte> start, Encoding? said) => start switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => said is UTF8Encoding ? null : said,
    };
}
