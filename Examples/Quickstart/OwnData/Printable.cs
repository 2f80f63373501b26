using System.Collections.Immutable;
using System.Globalization;

namespace Quickstart;

/// <summary>Texts of somebody's files as they may stand on a terminal, in a page, and in names.</summary>
internal static class Printable
{
    private const int MaxName = 40;

    /// <summary>The text with a dot for each character that would control a terminal or the direction of writing.</summary>
    internal static string Of(string text) => text.All(IsShown) ? text : string.Concat(text.Select(static c => IsShown(c) ? c : '·'));

    /// <summary>The same for texts that must stay different, such as classes.</summary>
    internal static ImmutableArray<string> Distinct(ImmutableArray<string> texts) => Numbered([.. texts.Select(Of)]);

    /// <summary>Names that a pipeline may have: letters, digits, dots, underscores and hyphens. What is one already stays.</summary>
    internal static ImmutableArray<string> Names(ImmutableArray<string> texts) => Numbered([.. texts.Select(static text =>
    {
        var name = string.Concat(text.Take(MaxName).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        return name.TrimStart('.') is { Length: > 0 } good && good.Any(char.IsAsciiLetterOrDigit) ? good : "device";
    })], Pipelines.AggregatorName);

    /// <summary>Gives a text that comes again a number.</summary>
    private static ImmutableArray<string> Numbered(ImmutableArray<string> texts, params string[] taken)
    {
        var used = taken.ToHashSet(StringComparer.Ordinal);
        return [.. texts.Select(text =>
        {
            var name = text;
            for (var n = 2; !used.Add(name); n++) { name = string.Create(CultureInfo.InvariantCulture, $"{text}-{n}"); }
            return name;
        })];
    }

    private static bool IsShown(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
