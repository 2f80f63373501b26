namespace StreamLearn.Tables;

/// <summary>Finds a text in place of a number that is repeated in refused rows, and may mean that the value is missing.</summary>
internal static class MissingText
{
    private const int MinRows = 3;

    internal static IEnumerable<string> Of(List<RefusedRow> refused, OwnColumns columns)
    {
        if (columns.Files is not OwnCsv { Form: var form }) { yield break; }
        var known = columns.Classes.Concat(columns.Devices).ToHashSet(StringComparer.Ordinal);
        var texts = refused.Where(static r => r.Reason == FileFault.WrongType).SelectMany(r => r.Text.TrimEnd().Split(form.Delimiter)
            .Select(static t => t.Trim(' ', '"')).Distinct().Where(t => t.Length > 0 && !known.Contains(t) && !form.Missing.Contains(t)
                && !double.TryParse(t.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _))).CountBy(static t => t);
        if (texts.DefaultIfEmpty().MaxBy(static t => t.Value) is { Value: >= MinRows, Key: var text } most)
        {
            yield return PrintableText.Of(FormattableString.Invariant($"{most.Value:N0} of the rows left out have '{text}': ")
                + $"if it means a missing value, use --missing {OwnColumns.Quoted(text)}");
        }
    }
}
