using System.Text;

namespace Aggregator;

/// <summary>Sanitizes strings received from the network for terminal, page and files.</summary>
internal static class ShownText
{
    internal const int MaxRunes = 64;

    private const int MaxOfSentence = 256;

    internal static string Of(string text) => text.Length == 0 ? "(no name)" : PrintableText.Of(text, MaxRunes);

    internal static string Sentence(string text) => PrintableText.Of(text, MaxOfSentence);

    /// <summary>Returns the width in terminal columns; may overestimate.</summary>
    internal static int WidthOf(string text) => text.EnumerateRunes().Sum(WidthOf);

    /// <summary>Pads the text, or shortens it with an ellipsis.</summary>
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
