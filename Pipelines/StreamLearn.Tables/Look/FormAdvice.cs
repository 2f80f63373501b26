using System.Text;

namespace StreamLearn.Tables;

/// <summary>Names the settings of the form with which an unreadable live row, or one like it, may be read.</summary>
internal static class FormAdvice
{
    private const char Unreadable = '\uFFFD';
    private static readonly char[] Delimiters = [';', '\t', '|', ','];

    /// <summary>Returns for example <c>; try delimiter: semicolon, decimal: comma</c>; empty: the form is not the reason.
    /// <paramref name="form"/>: null: JSON is expected.</summary>
    public static string Of(RefusedRow row, CsvOptions? form, bool isOption = false) =>
        Written(Of($"{row.Reason}", row.Text, form), isOption);

    /// <summary>The same for the payload refused last.</summary>
    public static string Of(PayloadFormat format, CsvOptions? form, bool isOption = false) =>
        Written(Of($"{format.LastRefusal.Reason}", format.LastRefusedText, form), isOption);

    private static IEnumerable<(string Key, string Value)> Of(string reason, string text, CsvOptions? form)
    {
        if (reason == nameof(FileFault.JsonRow)) { return [("format", "json")]; }
        if (form is null)
        {
            return reason == nameof(FileFault.NotJson) ? [("format", "csv"), .. Of(text, new() { Header = false }, isHead: false)] : [];
        }

        var isHead = reason is nameof(FileFault.BadHeader) or nameof(RefusalReason.BadCsv);
        var isWidth = reason is nameof(FileFault.WrongWidth) or nameof(RefusalReason.UnequalLengths);
        if (!isHead && !isWidth && reason is not (nameof(FileFault.WrongType) or nameof(FileFault.UnknownClass))) { return []; }
        List<(string, string)> said = [.. Of(text, form, isHead)];
        return said.Count == 0 && isWidth && form is { Header: false, Names.Count: 0 } ? [("columns", "NAMES")] : said;
    }

    private static IEnumerable<(string Key, string Value)> Of(string text, CsvOptions form, bool isHead)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            if (form.Encoding is null) { yield return ("encoding", EncodingWords.Of(Encoding.Unicode)); }
            yield break;
        }

        if (text.Contains(Unreadable, StringComparison.Ordinal)) { yield return ("encoding", EncodingWords.Of(Encoding.Latin1)); }
        var isOther = form.Delimiter == ',' || !text.Contains(form.Delimiter, StringComparison.Ordinal);
        var other = !isOther ? default : Array.Find(Delimiters, d => d != form.Delimiter && text.Contains(d, StringComparison.Ordinal));
        var delimiter = other == default ? form.Delimiter : other;
        if (other != default) { yield return ("delimiter", DelimiterWords.Of(other)); }
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var cells = lines.SelectMany(l => l.Split(delimiter, StringSplitOptions.TrimEntries)).ToList();
        if (!form.DecimalComma && delimiter != ',' && cells.Exists(static c => IsNumber(c, ','))) { yield return ("decimal", "comma"); }
        if (form.DecimalComma && cells.Exists(static c => IsNumber(c, '.'))) { yield return ("decimal", "point"); }
        var hasNames = lines.Length > 0 && !Array.Exists(lines[0].Split(delimiter, StringSplitOptions.TrimEntries), IsAnyNumber);
        if (isHead && form.Header && !hasNames && other == default) { yield return ("header", "false"); }
        if (!form.Header && hasNames && lines.Length > 1) { yield return ("header", "true"); }
    }

    private static bool IsAnyNumber(string cell) => IsNumber(cell, ',') || IsNumber(cell, '.') || cell.All(char.IsAsciiDigit);

    /// <summary>Returns true for digits with a point, or a comma, between them.</summary>
    private static bool IsNumber(string cell, char point) => cell.TrimStart('-', '+').Split(point) is [{ Length: > 0 } whole,
        { Length: > 0 } part] && whole.All(char.IsAsciiDigit) && part.All(char.IsAsciiDigit);

    private static string Written(IEnumerable<(string Key, string Value)> said, bool isOption)
    {
        var texts = said.Select(s => !isOption ? $"{s.Key}: {s.Value}" : s == ("header", "false") ? "--no-header"
            : s.Key == "header" ? "--header" : $"--{s.Key} {s.Value}").ToList();
        return texts.Count == 0 ? "" : $"; try {string.Join(isOption ? " " : ", ", texts)}";
    }
}
