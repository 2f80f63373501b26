namespace StreamLearn.Tables;

/// <summary>Finds integer columns that duplicate the label, such as <c>activity_id</c> beside <c>activity</c>.</summary>
internal static class SecondLabels
{
    internal static ImmutableHashSet<string> Of(
        IOwnFiles files, IEnumerable<FileColumn> columns, string label, ImmutableArray<string> classes, ColumnSample sample)
    {
        var few = columns.Where(c => c.Value == FileValue.Number && c.Field.Type == ColumnType.Int32
            && sample.DifferentValues(c) <= classes.Length && !sample.Rising.Contains(c.Source))
            .Select(c => (Column: c, Texts: LookAtLabels.FirstTexts(files, c.Source) ?? []))
            .Where(c => c.Texts.Length >= 2 && c.Texts.Length <= classes.Length).ToList();
        if (few.Count == 0) { return []; }
        List<FileColumn> read = [FileColumn.Class("label of the row", classes) with { Source = label }];
        read.AddRange(few.Select(static (c, i) => FileColumn.Class($"v{i}", [.. c.Texts]) with { Source = c.Column.Source }));
        var pairs = few.Select(static _ => new HashSet<(int, int)>()).ToList();
        OwnReader.Read(files, new(read) { IsFirstOnly = true }, batch =>
        {
            for (var row = 0; row < batch.Rows; row++)
            {
                if (!batch.Columns[0].IsValid(row)) { continue; }
                for (var c = 0; c < pairs.Count; c++)
                {
                    if (batch.Columns[c + 1].IsValid(row))
                    {
                        pairs[c].Add((batch.Columns[0].Values<int>()[row], batch.Columns[c + 1].Values<int>()[row]));
                    }
                }
            }
        });
        bool IsOneToOne(int c) => pairs[c].Count == few[c].Texts.Length
            && pairs[c].DistinctBy(static p => p.Item1).Count() == few[c].Texts.Length;
        return [.. few.Where((_, i) => IsOneToOne(i)).Select(static c => c.Column.Source)];
    }
}
