namespace Tool;

/// <summary>Formats CSV values. Source: RFC 4180.</summary>
internal static class CsvText
{
    /// <summary>Quotes if needed. Always quotes an empty string, unlike missing values. Removes control characters except tabs and line
    /// ends.</summary>
    internal static string Of(string text)
    {
        var plain = text.All(c => !char.IsControl(c)) ? Tapped.Plain(text) : Plain(text);
        return plain.Length == 0 ? "\"\"" : Quoted(plain);
    }

    internal static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var stays = text[i] is '\n' or '\t' || (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n');
            plain.Append(CultureInfo.InvariantCulture, $"{(stays ? text[i] : Tapped.Plain(text[i].ToString()))}");
        }

        return plain.ToString();
    }
}
