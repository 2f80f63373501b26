using System.Globalization;
using System.Text;

namespace Tool;

/// <summary>Values between commas. Source: RFC 4180.</summary>
internal static class CsvText
{
    /// <summary>A text in quotes where it needs them; an empty one always, so that it differs from a missing value. Of characters that
    /// steer a terminal, only tabs and ends of lines stay.</summary>
    internal static string Of(string text)
    {
        var plain = text.All(c => !char.IsControl(c)) ? Tapped.Plain(text) : Plain(text);
        return plain.Length == 0 || plain.AsSpan().ContainsAny(",\"\r\n")
            ? $"\"{plain.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : plain;
    }

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
