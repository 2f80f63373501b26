using System.Globalization;

namespace Partition;

/// <summary>The text of an option <c>--set</c>.</summary>
internal static class Setting
{
    /// <summary>Name and value; a text without <c>=</c> is a name alone.</summary>
    internal static (string Name, string Value) Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    /// <summary>What time counts beside energy.</summary>
    /// <exception cref="FormatException">It is no number from 0 to 1.</exception>
    internal static double Alpha(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var alpha) && alpha is >= 0 and <= 1
            ? alpha
            : throw new FormatException($"--set alpha: expected 0 to 1, got '{value}'");
}
