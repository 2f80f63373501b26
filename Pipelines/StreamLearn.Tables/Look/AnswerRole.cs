namespace StreamLearn.Tables;

/// <summary>What a model of the rows answers: a target, or classes of a label. <paramref name="IsPart"/>: the label is a part of the file
/// names.</summary>
internal sealed record AnswerRole(FileColumn? Target, string? Label, bool IsPart, ImmutableArray<string> Classes)
{
    internal const string ALabel = "a label";       // how what is missing of it begins

    private const int FewRows = 20;             // of a class that may be of left out rows alone

    internal const int MaxClasses = 1024;        // maximum classes of a model

    /// <summary>Null: no column has the label.</summary>
    internal string? Column => IsPart ? null : Label;

    internal static AnswerRole Of(TableOptions options, IOwnFiles rows, DeviceRole device, FileColumn? time, OtherFiles others,
        List<string> reasons)
    {
        if (TargetOf(options, rows.Columns, reasons) is { } target) { return new(target, null, false, []); }
        if (rows.Set.Names.FirstOrDefault(n => IsPartOf(options, n)) is { } part)
        {
            reasons.Add($"label     '{part}': a part of the files' names");
            return new(null, part, true, rows.Set.TextsOf(part));
        }

        var label = LookAtLabels.LabelOf(options.Label, rows.Columns.Where(c => c.Source != device.Name && c.Source != time?.Source
            && !options.Leaves(c.Source) && !LookAtTimes.IsTimeText(c)).ToList(), rows, reasons);
        return new(null, label, false, label is null ? []
            : [.. ClassOrder.InOrder([.. rows.Texts([label], isFirstOnly: others.Lack(label))[0].Keys])]);
    }

    internal static bool IsPartOf(TableOptions options, string part) => options.Label is { } said ? part == said.Trim('{', '}')
        : LookAtLabels.Names.Contains(part, StringComparer.OrdinalIgnoreCase);

    /// <summary>Leaves out classes that only rows have which cannot be read, such as those of units.</summary>
    internal AnswerRole OfReadable(
        IOwnFiles rows, FileColumn? time, ImmutableArray<FileColumn> channels, OtherFiles others, List<string> reasons)
    {
        if (Column is not { } column || channels.IsEmpty || Classes.Length is < 3 or > MaxClasses) { return this; }
        var isFirstOnly = others.Lack([.. channels.Select(static c => c.Source), column, time?.Source]);
        var counts = rows.Texts([column], isFirstOnly: others.Lack(column))[0];
        if (counts.Values.All(static n => n > FewRows)) { return this; }
        var seen = new bool[Classes.Length];
        OwnReader.ReadRows(rows, [.. time is null ? [] : new[] { time }, .. channels, FileColumn.Label(column, Classes)], device: null, [],
            (batch, row, _) =>
            {
                var label = batch[Schema.LabelColumn];
                if (label.IsValid(row)) { seen[label.Values<int>()[row]] = true; }
            }, isFirstOnly, rate: time is null ? 1 : null);
        var none = Classes.Where((c, i) => !seen[i] && counts.GetValueOrDefault(c) <= FewRows).ToList();
        if (none.Count == 0 || Classes.Length - none.Count < 2) { return this; }
        reasons.Add($"noted     in '{column}', {Printable.Listed(none.ConvertAll(static c => $"'{c}'"), 4)} is of rows that are left out: "
            + "it is no class");
        return this with { Classes = Classes.RemoveRange(none) };
    }

    /// <summary>What prevents learning, a line each.</summary>
    internal IEnumerable<string> Missing(IOwnFiles rows)
    {
        if (Target is not null) { yield break; }
        if (Label is null)
        {
            yield return $"{ALabel}: choose the column with the class, --label COLUMN{LookAtLabels.Suggested(rows)}; or the part of the "
                + "file names with it, such as 'data/{label}_*.csv'; or a column with a value to learn, --target COLUMN";
        }
        else if (Classes.Length > MaxClasses)
        {
            yield return FormattableString.Invariant($"{ALabel} with at most {MaxClasses:N0} classes: column '{Label}' has ")
                + FormattableString.Invariant($"{Classes.Length:N0}, --label names another");
        }
        else if (Classes.Length < 2)
        {
            yield return $"{ALabel} with two classes or more: column '{Label}' has {Classes.Length}; choose another with --label";
        }
    }

    private static FileColumn? TargetOf(TableOptions options, ImmutableArray<FileColumn> columns, List<string> reasons)
    {
        if (options.Target is not { } asked) { return null; }
        FirstLook.Require("--target", asked, columns);
        var column = columns.First(c => c.Source == asked);
        if (column.Value != FileValue.Number)
        {
            throw new ProgramException($"--target: column '{asked}' has no numbers; --label learns classes", ProgramExit.BadCommandLine);
        }

        reasons.Add($"target    '{asked}'{(column.Field.Unit == Unit.One ? "" : $" in {column.Field.Unit}")}: --target says so");
        return FileColumn.Target(asked, column.Field.Unit);
    }
}
