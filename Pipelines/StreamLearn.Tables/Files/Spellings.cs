namespace StreamLearn.Tables;

internal static class Spellings
{
    /// <summary>Merges texts that are one class or device: <c>run</c> and <c> run</c>, <c>0</c> and <c>0.0</c>. Its name is the plain
    /// one, or that of most rows.</summary>
    internal static ImmutableSortedDictionary<string, long> Merged(ImmutableSortedDictionary<string, long> texts) =>
        !Several(texts.Keys).Any() ? texts : texts.GroupBy(static t => FileColumn.PlainText(t.Key), StringComparer.Ordinal)
            .ToImmutableSortedDictionary(static g => g.Any(t => t.Key == g.Key) ? g.Key : g.MaxBy(static t => t.Value).Key,
                static g => g.Sum(static t => t.Value), StringComparer.Ordinal);

    /// <summary>Says which texts of a column are one, and which differ in capital letters alone.</summary>
    internal static IEnumerable<string> Notes(string column, IReadOnlyCollection<string> texts)
    {
        foreach (var one in Several(texts))
        {
            yield return $"in '{column}', {string.Join(" and ", one.Select(static t => $"'{t}'"))} are taken as one";
        }

        foreach (var one in texts.GroupBy(static t => FileColumn.PlainText(t).ToUpperInvariant()).Where(static g =>
            g.Select(FileColumn.PlainText).Distinct().Count() > 1))
        {
            yield return $"in '{column}', {string.Join(" and ", one.Select(static t => $"'{t}'"))} differ only in capital letters: each is "
                + "a class of its own";
        }
    }

    private static IEnumerable<IGrouping<string, string>> Several(IEnumerable<string> texts) =>
        texts.GroupBy(FileColumn.PlainText, StringComparer.Ordinal).Where(static g => g.Count() > 1);
}
