using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>Makes text from outside, such as from the network or a file, safe for logs, terminals and pages.</summary>
public static class PrintableText
{
    /// <summary>Default maximum length in characters.</summary>
    public const int MaxLength = 4096;

    private const int MaxMarks = 3;      // combining marks per character: more would be drawn over other lines

    /// <summary>Returns the text on one line. Unprintable characters become dots; an ellipsis marks a truncated text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">Maximum number of characters, at least 0.</param>
    public static string Of(string text, int maxLength = MaxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) { return text; }
        var shown = new StringBuilder();
        var (length, marks) = (0, 0);
        foreach (var rune in text.EnumerateRunes())     // an unpaired surrogate becomes U+FFFD
        {
            if (length++ == maxLength) { return shown.Append('…').ToString(); }
            marks = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            shown.Append(marks <= MaxMarks && IsPrintable(rune) ? rune.ToString() : "·");
        }

        return shown.ToString();
    }

    /// <summary>Returns false for line ends, terminal controls, direction changes and invisible characters.</summary>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.PrivateUse);
}
