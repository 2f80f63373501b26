using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>Texts of somebody's files as they may stand on a terminal, in a page, and in names.</summary>
internal static class Printable
{
    private const int MaxName = 40;

    /// <summary>The text with a dot for each character that would control a terminal or the direction of writing.</summary>
    public static string Of(string text) => text.All(IsShown) ? text : string.Concat(text.Select(static c => IsShown(c) ? c : '·'));

    /// <summary>So many rows.</summary>
    public static string Rows(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "row" : "rows")}");

    /// <summary>A row that was left out, and why: of Arrow, which has no lines, by the number of the row.</summary>
    public static string Place(RefusedRow row)
    {
        if (row.Line == 0 || !ArrowFile.IsNamedSo(row.File)) { return $"{row}"; }
        var (text, end) = ($"{row}", string.Create(CultureInfo.InvariantCulture, $"{row.File}:{row.Line}"));
        return string.Create(CultureInfo.InvariantCulture, $"{row.File}, row {row.Line}{text[end.Length..]}");
    }

    /// <summary>The same for texts that must stay different, such as classes.</summary>
    public static ImmutableArray<string> Distinct(ImmutableArray<string> texts) => Numbered([.. texts.Select(Of)]);

    /// <summary>Names that a pipeline may have: letters, digits, dots, underscores and hyphens. What is one already stays.</summary>
    public static ImmutableArray<string> Names(ImmutableArray<string> texts) => Numbered([.. texts.Select(static text =>
    {
        var name = string.Concat(text.Take(MaxName).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        return name.TrimStart('.') is { Length: > 0 } good && good.Any(char.IsAsciiLetterOrDigit) ? good : "device";
    })], "aggregator");

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
