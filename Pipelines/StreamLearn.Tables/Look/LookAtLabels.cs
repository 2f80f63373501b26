namespace StreamLearn.Tables;

internal static class LookAtLabels
{
    private const int MaxClasses = 60;
    private const int MaxNumberClasses = 20;

    internal static readonly string[] Names = ["label", "activity", "class", "target", "gesture", "digit", "state", "event", "y",
        "klasse", "zustand", "aktivität", "aktivitaet", "clase", "classe", "estado", "état", "etat", "actividad", "activité", "activite"];

    private static readonly string[] FaultNames = ["anomaly", "anomalies", "is_anomaly", "changepoint", "change_point", "outlier", "fault",
        "failure", "attack"];

    /// <summary>Returns true for a column of at most two numbers named like a fault or label: as an input it would give away the
    /// answer.</summary>
    internal static bool SaysFaults(FileColumn column, IOwnFiles rows) =>
        FaultNames.Concat(Names.Where(static n => n.Length > 1)).Any(n => FirstLook.Same(column.Source, n))
        && Texts(rows, column.Source) is { Length: <= 2 };

    /// <summary>Returns the label chosen by the option, by its name or a word in it, or the first column with few strings; null:
    /// none.</summary>
    /// <exception cref="ProgramException">There is no such column.</exception>
    internal static string? LabelOf(string? asked, List<FileColumn> columns, IOwnFiles rows, List<string> reasons)
    {
        if (asked is not null)
        {
            FirstLook.Require("--label", asked, columns);
            reasons.Add($"label     '{asked}': --label says so");
            return asked;
        }

        foreach (var name in Names)
        {
            if (columns.Find(c => FirstLook.Same(c.Source, name)) is not { } named || !FirstLook.IsDiscrete(named)) { continue; }
            reasons.Add($"label     '{named.Source}': by its name");
            return named.Source;
        }

        var texts = columns.FindAll(static c => c.Value is FileValue.Class or FileValue.Flag);
        foreach (var column in texts.OrderBy(static c => HasWord(c) ? 0 : 1))
        {
            if (rows.Texts([column.Source])[0].Count is < 2 or > MaxClasses || NamesFiles(column.Source, rows)) { continue; }
            reasons.Add($"label     '{column.Source}': " + (HasWord(column) ? "by a word in its name"
                : $"{(texts.Count == 1 ? "the only" : "the first")} column with few different values"));
            return column.Source;
        }

        return null;
    }

    /// <summary>Returns why the label that was found is certain, or null and the columns that may be it. Certain is a part of the file
    /// names, the only column named like a label, or the only one with few different texts, none with digits.</summary>
    internal static string? Certain(OwnColumns look, out string candidates)
    {
        var (rows, said) = (look.Files, look.Said);
        candidates = "";
        if (look.LabelIsPart) { return $"'{look.Label}', a part of the files' names"; }
        var left = rows.Columns.Where(c => c.Source != look.DeviceColumn && c.Source != look.Time?.Source && !said.Leaves(c.Source)
            && !said.Channels.Contains(c.Source) && !LookAtTimes.IsTimeText(c)).ToList();
        bool HasFew(FileColumn c) => FirstLook.IsDiscrete(c) && Texts(rows, c.Source, isFirstOnly: false) is { Length: >= 2 } texts
            && texts.Length <= (c.Value == FileValue.Number ? MaxNumberClasses : MaxClasses);
        var named = left.FindAll(c => HasFew(c) && (Names.Any(n => n.Length > 1 && FirstLook.Same(c.Source, n))
            || (c.Value != FileValue.Number && HasWord(c)) || SaysFaults(c, rows)));
        var few = named.Count > 0 ? named : left.FindAll(c => HasFew(c) && !NamesFiles(c.Source, rows));
        candidates = string.Join(", ", few.Select(c => FormattableString.Invariant(
            $"'{c.Source}' ({Texts(rows, c.Source, isFirstOnly: false)!.Length} values)")));
        if (few is not [var only] || only.Source != look.Label) { return null; }
        return named.Count > 0 ? $"'{only.Source}', by its name"
            : only.Value == FileValue.Number || look.Classes.Any(static c => c.AsSpan().ContainsAnyInRange('0', '9')) ? null
            : $"'{only.Source}', the only column with few different values";
    }

    /// <summary>True for a text of its own in each file, which says whose the rows are, and not of what class.</summary>
    private static bool NamesFiles(string column, IOwnFiles rows) => rows.Set.Files.Length > 1
        && Texts(rows, column) is [_] && Texts(rows, column, isFirstOnly: false)?.Length == rows.Set.Files.Length;

    /// <summary>Returns integer columns with few values that may be labels, as the end of a sentence; empty: none.</summary>
    internal static string Suggested(IOwnFiles rows)
    {
        var few = rows.Columns.Where(c => c.Field.Type == ColumnType.Int32 && c.Value is FileValue.Number or FileValue.Flag).Where(c =>
            Texts(rows, c.Source) is { Length: >= 2 and <= MaxNumberClasses }).Select(c => c.Source).ToList();
        return few.Count == 0 ? "" : $"; columns with few distinct values: {string.Join(", ", few)}";
    }

    /// <summary>Returns the strings in the first file, or in all; null if there are too many.</summary>
    internal static string[]? Texts(IOwnFiles rows, string column, bool isFirstOnly = true)
    {
        try
        {
            return [.. rows.Texts([column], isFirstOnly)[0].Keys];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    internal static string? Offered(FileColumn column) => column.Classes is { IsDefault: false, Length: >= 2 and <= MaxClasses }
        ? FormattableString.Invariant($"{column.Classes.Length} values; --label {OwnColumns.Quoted(column.Source)} makes it the label")
        : null;

    /// <summary>Finds a label word in a name such as <c>State of the pump</c>.</summary>
    private static bool HasWord(FileColumn column) =>
        string.Concat(column.Source.Select(static c => char.IsLetterOrDigit(c) ? c : ' ')).Split(' ')
            .Any(static w => w.Length > 1 && Names.Contains(w, StringComparer.OrdinalIgnoreCase));
}
