using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>Text from elsewhere, such as a name from the wire or from a file, as it may stand in a log, on a terminal or on a
/// page.</summary>
public static class PrintableText
{
    /// <summary>Characters that are kept of a text, unless told otherwise.</summary>
    public const int MaxLength = 4096;

    private const int MaxMarks = 3;      // on one character: more would be drawn over the lines around it

    /// <summary>The text on one line: a dot in place of each character that is not printable, and an ellipsis where it is cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">Characters that are kept, at least 0.</param>
    public static string Of(string text, int maxLength = MaxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) { return text; }
        var shown = new StringBuilder();
        var (length, marks) = (0, 0);
        foreach (var rune in text.EnumerateRunes())     // half a surrogate pair comes as U+FFFD
        {
            if (length++ == maxLength) { return shown.Append('…').ToString(); }
            marks = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            shown.Append(marks <= MaxMarks && IsPrintable(rune) ? rune.ToString() : "·");
        }

        return shown.ToString();
    }

    /// <summary>False for a character that ends a line, controls a terminal, changes the direction of writing or has no sign of its
    /// own.</summary>
    /// <param name="rune">The character.</param>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.PrivateUse);
}
