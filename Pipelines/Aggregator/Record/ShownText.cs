using System.Text;
using StreamLearn;

namespace Aggregator;

/// <summary>Texts that came over the wire, such as names of devices, as they may stand on a terminal, in a page and in files.</summary>
internal static class ShownText
{
    /// <summary>Characters that are kept of a text, at most.</summary>
    internal const int MostRunes = 64;

    private const int MostOfSentence = 256;

    /// <summary>The text as it may be shown, cut where it is too long.</summary>
    internal static string Of(string text) => text.Length == 0 ? "(no name)" : PrintableText.Of(text, MostRunes);

    /// <summary>The same for a sentence that names something.</summary>
    internal static string Sentence(string text) => PrintableText.Of(text, MostOfSentence);

    /// <summary>The columns that a text takes on a terminal, or somewhat more.</summary>
    internal static int WidthOf(string text) => text.EnumerateRunes().Sum(WidthOf);

    /// <summary>The text in so many columns, filled up with spaces; what is too long ends with an ellipsis.</summary>
    internal static string Fit(string text, int columns)
    {
        var width = WidthOf(text);
        if (width <= columns) { return text + new string(' ', columns - width); }
        var kept = new StringBuilder();
        var left = columns - 1;
        foreach (var rune in text.EnumerateRunes())
        {
            if (WidthOf(rune) > left) { break; }
            left -= WidthOf(rune);
            kept.Append(rune.ToString());
        }

        return kept.Append('…').Append(' ', left).ToString();
    }

    private static int WidthOf(Rune rune) => rune.Value < 0x1100 || rune.Value == '…' ? 1 : 2;
}
