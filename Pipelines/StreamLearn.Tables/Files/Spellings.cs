using System.Text;

namespace StreamLearn.Tables;

internal static class Spellings
{
    private const int MinMissing = 3;        // refused rows

    /// <summary>Merges texts that are one class or device: <c>run</c> and <c> run</c>, <c>0</c> and <c>0.0</c>. Its name is the plain
    /// one, or that of most rows.</summary>
    internal static ImmutableSortedDictionary<string, long> Merged(ImmutableSortedDictionary<string, long> texts) =>
        !Several(texts.Keys).Any() ? texts : texts.GroupBy(static t => FileColumn.PlainText(t.Key), StringComparer.Ordinal)
            .ToImmutableSortedDictionary(static g => g.Any(t => t.Key == g.Key) ? g.Key : g.MaxBy(static t => t.Value).Key,
                static g => g.Sum(static t => t.Value), StringComparer.Ordinal);

    /// <summary>Says which texts of a column are one, and which look like one and are not.</summary>
    internal static IEnumerable<string> Notes(string column, IReadOnlyCollection<string> texts)
    {
        foreach (var one in Several(texts))
        {
            yield return $"in '{column}', {string.Join(" and ", one.Select(static t => $"'{t}'"))} are taken as one";
        }

        if (texts.Any(static t => t.Contains('\uFFFD', StringComparison.Ordinal)))
        {
            yield return $"'{column}' has texts that are not in UTF-8: try --encoding latin1";
        }

        var hasMarks = texts.Any(static t => t.Any(IsMark));
        foreach (var (alike, of) in ((string, Func<string, string>)[])[
            ("differ only in capital letters", static t => t.ToUpperInvariant()),
            ("differ only in leading zeros", static t => t.All(char.IsAsciiDigit) ? t.TrimStart('0').PadLeft(1, '0') : t),
            ("look alike, with accents in one character or in two", t => hasMarks ? WithoutAccents(t) : t)])
        {
            foreach (var one in texts.GroupBy(t => of(FileColumn.PlainText(t))).Where(static g =>
                g.Select(FileColumn.PlainText).Distinct().Count() > 1))
            {
                yield return $"in '{column}', {string.Join(" and ", one.Select(static t => $"'{t}'"))} {alike}: each is a class of its own";
            }
        }
    }

    private static bool IsMark(char c) => c is >= '\u0300' and <= '\u036F';

    /// <summary>Replaces each character with an accent, or the two that it may be written as, by the same one.</summary>
    private static string WithoutAccents(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text)
        {
            if (!IsMark(c)) { plain.Append(c is > '\u007F' and < '\u0250' ? '\u0300' : c); }
            else if (plain.Length > 0) { plain[^1] = '\u0300'; }
        }

        return plain.ToString();
    }

    private static IEnumerable<IGrouping<string, string>> Several(IEnumerable<string> texts) =>
        texts.GroupBy(FileColumn.PlainText, StringComparer.Ordinal).Where(static g => g.Count() > 1);

    /// <summary>Names a text in place of a number that is repeated in refused rows, and may mean that the value is missing.</summary>
    internal static IEnumerable<string> MayBeMissing(List<RefusedRow> refused, OwnColumns columns)
    {
        if (columns.Files is not OwnCsv { Form: var form }) { yield break; }
        var known = columns.Classes.Concat(columns.Devices).ToHashSet(StringComparer.Ordinal);
        var texts = refused.Where(static r => r.Reason == FileFault.WrongType).SelectMany(r => r.Text.TrimEnd().Split(form.Delimiter)
            .Select(static t => t.Trim(' ', '"')).Distinct().Where(t => t.Length > 0 && !known.Contains(t) && !form.Missing.Contains(t)
                && !double.TryParse(t.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _))).CountBy(static t => t);
        if (texts.DefaultIfEmpty().MaxBy(static t => t.Value) is { Value: >= MinMissing, Key: var text } most)
        {
            yield return PrintableText.Of(FormattableString.Invariant($"{most.Value:N0} of the rows left out have '{text}': ")
                + $"if it means a missing value, use --missing {OwnColumns.Quoted(text)}");
        }
    }
}
