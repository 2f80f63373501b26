namespace StreamLearn.Tables;

internal static class UsualFiles
{
    internal static ImmutableArray<float> Read(string pattern, CsvForm form, IReadOnlyList<FileColumn> channels, AnomalyRule rule,
        string option = "") => Guard(option, () =>
        {
            IOwnFiles files = IsArrow(pattern, option) ? new OwnArrow(pattern) : new OwnCsv(pattern, form);
            var (values, row) = (ImmutableArray.CreateBuilder<float>(), new float[channels.Count]);
            var seen = new bool[channels.Count];
            OwnReader.ReadRows(files, channels, device: null, [], (batch, r, _) =>
            {
                for (var c = 0; c < row.Length; c++)
                {
                    var column = batch[channels[c].Field.Name];
                    row[c] = column.IsValid(r) ? column.Values<float>()[r] : float.NaN;
                    seen[c] |= float.IsFinite(row[c]);
                }

                if (rule.Takes(row)) { values.AddRange(row); }
            }, rate: 1);
            if (seen.Contains(false))
            {
                var names = channels.Where((_, c) => !seen[c]).Select(static c => c.Field.Name);
                throw new ProgramException(
                    $"{option}no row of {pattern} has a value of {string.Join(", ", names)}", ProgramExit.DataRefused);
            }

            return values.ToImmutable();
        });

    internal static bool IsArrow(string pattern, string option) => Guard(option,
        () => FileSet.Find(pattern).Files is [var first, ..] && File.Exists(first) && ArrowFile.IsArrow(first));

    private static T Guard<T>(string option, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileRowsException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new ProgramException(option + e.Message.ReplaceLineEndings(" "), ProgramExit.DataRefused);
        }
    }
}
