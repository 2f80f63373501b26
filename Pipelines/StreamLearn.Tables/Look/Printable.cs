namespace StreamLearn.Tables;

internal static class Printable
{
    private const int MaxName = 40;

    public static string Rows(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "row" : "rows")}");

    /// <summary>The first names, with an ellipsis for others.</summary>
    public static string Listed(IReadOnlyCollection<string> names, int most) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? ", …" : "");

    /// <summary>Returns a skipped row and the reason; Arrow has no lines, so rows are numbered.</summary>
    public static string Place(RefusedRow row)
    {
        if (row.Line == 0 || !ArrowFile.IsNamedSo(row.File)) { return $"{row}"; }
        var (text, end) = ($"{row}", string.Create(CultureInfo.InvariantCulture, $"{row.File}:{row.Line}"));
        return string.Create(CultureInfo.InvariantCulture, $"{row.File}, row {row.Line}{text[end.Length..]}");
    }

    public static ImmutableArray<string> Distinct(ImmutableArray<string> texts) =>
        Numbered([.. texts.Select(static t => PrintableText.Of(t))]);

    /// <summary>Returns valid pipeline names: letters, digits, dots, underscores, hyphens. Valid names are unchanged.</summary>
    public static ImmutableArray<string> Names(ImmutableArray<string> texts) => Numbered([.. texts.Select(static text =>
    {
        var name = string.Concat(text.Take(MaxName).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        return name.TrimStart('.') is { Length: > 0 } good && good.Any(char.IsAsciiLetterOrDigit) ? good : "device";
    })], "aggregator");

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
