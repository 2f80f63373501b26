using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>Texts of somebody's files, in sentences and in names.</summary>
internal static class Printable
{
    private const int MaxName = 40;

    /// <summary>So many rows.</summary>
    public static string Rows(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "row" : "rows")}");

    /// <summary>A row that was left out, and why: of Arrow, which has no lines, by the number of the row.</summary>
    public static string Place(RefusedRow row)
    {
        if (row.Line == 0 || !ArrowFile.IsNamedSo(row.File)) { return $"{row}"; }
        var (text, end) = ($"{row}", string.Create(CultureInfo.InvariantCulture, $"{row.File}:{row.Line}"));
        return string.Create(CultureInfo.InvariantCulture, $"{row.File}, row {row.Line}{text[end.Length..]}");
    }

    /// <summary>Printable texts that stay different, such as classes.</summary>
    public static ImmutableArray<string> Distinct(ImmutableArray<string> texts) =>
        Numbered([.. texts.Select(static t => PrintableText.Of(t))]);

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
}
