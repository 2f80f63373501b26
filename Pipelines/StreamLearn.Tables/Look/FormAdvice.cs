using System.Text;

namespace StreamLearn.Tables;

/// <summary>Names the settings of the form that an unreadable live row seems to have.</summary>
internal static class FormAdvice
{
    private static readonly char[] Delimiters = [';', '\t', '|', ','];

    /// <summary>Returns for example <c>; try delimiter: semicolon, decimal: comma</c>; empty: the form is not the reason.
    /// <paramref name="form"/>: null: JSON is expected.</summary>
    public static string Of(RefusedRow row, CsvOptions? form, bool isOption = false) => Of(
        row.Reason is FileFault.BadHeader or FileFault.BadQuotes or FileFault.BadJson,
        row.Reason is FileFault.WrongWidth or FileFault.WrongType or FileFault.UnknownClass, row.Text, form, isOption);

    /// <summary>The same for the payload refused last.</summary>
    public static string Of(PayloadFormat format, CsvOptions? form, bool isOption = false) => Of(
        format.LastRefusal.Reason is RefusalReason.BadCsv or RefusalReason.BadJson,
        format.LastRefusal.Reason is RefusalReason.UnequalLengths or RefusalReason.WrongType or RefusalReason.UnknownClass,
        format.LastRefusedText, form, isOption);

    private static string Of(bool isWhole, bool isValue, string text, CsvOptions? form, bool isOption)
    {
        if (!isWhole && !isValue) { return ""; }
        var isJson = text.TrimStart() is ['{' or '[', ..];
        List<(string Key, string Value)> said = isJson ? form is null ? [] : [("format", "json")]
            : form is null ? text.AsSpan().ContainsAny(Delimiters) && text.Any(char.IsAsciiDigit)
                ? [("format", "csv"), .. Of(text, new() { Header = false }, isHead: false)] : []
            : [.. Of(text, form, isWhole)];
        if (said.Count == 0 && !isJson && isValue && form is { Header: false, Names.Count: 0 }
            && form.Columns.Count != text.Split(form.Delimiter).Length)
        {
            said = [("columns", "NAMES")];
        }

        var texts = said.Select(s => !isOption ? $"{s.Key}: {s.Value}" : s == ("header", "false") ? "--no-header"
            : s.Key == "header" ? "--header" : $"--{s.Key} {s.Value}").ToList();
        return texts.Count == 0 ? "" : $"; try {string.Join(isOption ? " " : ", ", texts)}";
    }

    private static IEnumerable<(string Key, string Value)> Of(string text, CsvOptions form, bool isHead)
    {
        if (text.Contains('\0') && form.Encoding is null)
        {
            yield return ("encoding", EncodingWords.Of(Encoding.Unicode));
            yield break;
        }

        if (text.Contains('\uFFFD')) { yield return ("encoding", EncodingWords.Of(Encoding.Latin1)); }
        var mayBeOther = form.Delimiter == ',' || !text.Contains(form.Delimiter);
        var other = mayBeOther ? Array.Find(Delimiters, d => d != form.Delimiter && text.Contains(d)) : default;
        var delimiter = other == default ? form.Delimiter : other;
        if (other != default) { yield return ("delimiter", DelimiterWords.Of(other)); }
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var numbers = lines.SelectMany(l => l.Split(delimiter)).Where(IsNumber).ToList();
        if (!form.DecimalComma && delimiter != ',' && numbers.Exists(static n => n.Contains(','))) { yield return ("decimal", "comma"); }
        if (form.DecimalComma && numbers.Exists(static n => n.Contains('.'))) { yield return ("decimal", "point"); }
        var hasNames = lines.Length > 0 && !lines[0].Split(delimiter).Any(IsNumber);
        if (isHead && form.Header && !hasNames && other == default) { yield return ("header", "false"); }
        if (!form.Header && hasNames && lines.Length > 1) { yield return ("header", "true"); }
    }

    private static bool IsNumber(string cell) =>
        double.TryParse(cell.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
