namespace StreamLearn.Formats;

/// <summary>Tells rows of JSON and of CSV apart by their first byte.</summary>
internal static class OtherForm
{
    internal static bool IsJson(ReadOnlySpan<byte> text) => text.TrimStart(" \t"u8) is [(byte)'{', ..];

    /// <summary><paramref name="isBad"/>: true if a reader of JSON cannot read it to its end.</summary>
    internal static bool IsNotJson(ReadOnlySpan<byte> text, bool isBad) =>
        text.TrimStart(" \t\r\n"u8) is { IsEmpty: false } first && first[0] is not ((byte)'{' or (byte)'[')
        && (isBad || (first[0] != '"' && first.ContainsAny(",;\t|"u8)));
}
