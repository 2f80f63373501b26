namespace StreamLearn.Formats;

/// <summary>Detects another format or encoding from the first bytes.</summary>
internal static class OtherForm
{
    /// <summary>Returns the encoding of a byte order mark, else the one that was said; null: UTF-8.</summary>
    internal static Encoding? EncodingOf(ReadOnlySpan<byte> start, Encoding? said) => start switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => said is UTF8Encoding ? null : said,
    };

    internal static bool IsJson(ReadOnlySpan<byte> text) => text.TrimStart(" \t"u8) is [(byte)'{', ..];

    /// <summary><paramref name="isBad"/>: true if a reader of JSON cannot read it to its end.</summary>
    internal static bool IsNotJson(ReadOnlySpan<byte> text, bool isBad) =>
        text.TrimStart(" \t\r\n"u8) is { IsEmpty: false } first && first[0] is not ((byte)'{' or (byte)'[')
        && (isBad || (first[0] != '"' && first.ContainsAny(",;\t|"u8)));
}
