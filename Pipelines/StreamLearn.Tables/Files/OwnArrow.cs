using Apache.Arrow.Types;
using StreamLearn.Arrow;
using ArrowField = Apache.Arrow.Field;

namespace StreamLearn.Tables;

/// <summary>Arrow files of any tool; the schema gives the columns.</summary>
internal sealed class OwnArrow : IOwnFiles
{
    internal const string Name = "--arrow";

    private readonly Dictionary<string, string> _timeTexts = new(StringComparer.Ordinal);

    internal OwnArrow(string pattern)
    {
        Set = FileSet.Find(pattern);
        var first = Set.Files[0];
        if (!File.Exists(first)) { throw new FileNotFoundException($"there is no file {first}"); }
        if (ArrowFile.IsText(first))
        {
            throw new ProgramException($"--arrow: {first} is text, not an Arrow file: use --csv", ProgramExit.DataRefused);
        }

        using var file = new ArrowFile(first);
        var fields = file.Schema.FieldsList;
        var missing = new bool[fields.Count];
        var texts = fields.Select(static f => ArrowCells.IsTexts(f) ? new ArrowTexts() : null).ToList();
        while (file.Read() is { } batch)
        {
            for (var c = 0; c < fields.Count; c++)
            {
                missing[c] |= batch.Column(c).NullCount > 0;
                texts[c]?.Count(batch.Column(c));
            }
        }

        (Columns, var leftOut) = Survey(first, fields, missing, texts);
        LeftOut = [.. leftOut, .. file.LeftOut.Select(static c => $"left out  {c}, neither numbers nor strings")];
    }

    public string Option => Name;

    public FileSet Set { get; }

    public ImmutableArray<FileColumn> Columns { get; }

    public ImmutableArray<string> LeftOut { get; }

    public ImmutableArray<string> HeadNotes => [];

    public ImmutableArray<(string Name, Unit? Unit)> NamesOf(string path)
    {
        using var file = new ArrowFile(path);
        return [.. file.Schema.FieldsList.Select(NameOf)];
    }

    public IEnumerable<string> SpellingNotes(string column) => [];

    public string TimeText(FileColumn column) => _timeTexts[column.Source];

    public ImmutableArray<ImmutableSortedDictionary<string, long>> Texts(IReadOnlyList<string> columns, bool isFirstOnly = false)
    {
        if (columns.Count == 0) { return []; }
        var texts = columns.Select(static _ => new ArrowTexts()).ToList();
        foreach (var path in isFirstOnly ? [Set.Files[0]] : Set.Files)
        {
            using var file = new ArrowFile(path);
            var places = columns.Select(c => PlaceOf(path, file.Schema, c)).ToList();
            while (file.Read() is { } batch)
            {
                for (var c = 0; c < places.Count; c++) { texts[c].Count(batch.Column(places[c])); }
            }
        }

        return [.. texts.Select((t, c) => t.Counts ?? throw new ArgumentException(
            $"column '{columns[c]}' has more than {CsvSurvey.MaxTexts} different values: too many for classes or devices"))];
    }

    public Flow<Batch> Play(PipelineBuilder builder, OwnForm form, Action<RefusedRow>? refuse)
    {
        var files = form.Of(Set);
        List<Field> fields = form.SamplesPerSecond is null ? [] : [Field.Time()];
        fields.AddRange(form.Columns.Select(static c => c.Field));
        if (form.FileColumn is { } name)
        {
            fields.AddRange(files.Names.Append(name).Select(static n => new Field(n, ColumnType.Int32, Unit.One)));
        }

        var schema = new Schema(fields);
        return builder.From("arrow", form, (OwnForm form, OperatorContext context) => new ArrowPlay(files, form, schema, refuse, context),
            schema, form.BatchRows);
    }

    /// <summary>The unit comes from metadata, or from brackets after the name.</summary>
    internal static (string Name, Unit? Unit) NameOf(ArrowField field)
    {
        var (name, unit) = (field.Name.Trim(), Find(field, ArrowExtensions.UnitKey) ?? Find(field, "units"));
        if (string.IsNullOrWhiteSpace(unit) && name.EndsWith(']') && name.LastIndexOf('[') is > 0 and var open && name.Length - open > 2)
        {
            (name, unit) = (name[..open].TrimEnd(), name[(open + 1)..^1]);
        }

        unit = unit?.Trim().Replace("^", "", StringComparison.Ordinal).Replace('²', '2').Replace('³', '3');
        return (name, string.IsNullOrEmpty(unit) ? null : new(unit == "°C" ? "Cel" : unit));
    }

    internal static int PlaceOf(string path, Apache.Arrow.Schema schema, string column)
    {
        for (var i = 0; i < schema.FieldsList.Count; i++)
        {
            if (NameOf(schema.FieldsList[i]).Name == column) { return i; }
        }

        throw new FileRowsException(new(path, 0, column, FileFault.BadHeader, ""),
            $"{path}: expected a column '{column}', got {string.Join(", ", schema.FieldsList.Select(static f => NameOf(f).Name))}");
    }

    private (ImmutableArray<FileColumn> Columns, ImmutableArray<string> LeftOut) Survey(
        string path, IReadOnlyList<ArrowField> fields, bool[] missing, List<ArrowTexts?> texts)
    {
        var (columns, leftOut) = (new List<FileColumn>(), new List<string>());
        for (var c = 0; c < fields.Count; c++)
        {
            var (name, unit) = NameOf(fields[c]);
            var reason = name.Length == 0 ? "it has no name"
                : texts[c] is { Counts: null } ? FormattableString.Invariant($"more than {CsvSurvey.MaxTexts:N0} different values")
                : null;
            var column = reason is null ? ColumnOf(fields[c], name, unit, missing[c]) : null;
            if (column is not null) { columns.Add(column); }
            else { leftOut.Add($"left out  '{name}': {reason ?? $"{fields[c].TypeText()}, neither numbers nor strings"}"); }
            if (column is { Value: FileValue.Time }) { _timeTexts[name] = fields[c].TypeText(); }
        }

        if (columns.CountBy(static c => c.Source).FirstOrDefault(static n => n.Value > 1) is { Key: { } twice })
        {
            throw new FileRowsException(new(path, 0, twice, FileFault.BadHeader, ""), $"{path}: two columns are named '{twice}'");
        }

        return columns.Count <= Schema.MaxColumns ? ([.. columns], [.. leftOut]) : throw new FileRowsException(
            new(path, 0, null, FileFault.BadHeader, ""), $"{path}: expected at most {Schema.MaxColumns} columns, got {columns.Count}");
    }

    private static FileColumn? ColumnOf(ArrowField field, string name, Unit? unit, bool isMissing)
    {
        FileColumn Number(ColumnType type, Unit? own = null) => FileColumn.Number(name, type, own ?? unit, isMissing);
        if (ArrowCells.IsTexts(field)) { return FileColumn.Class(name) with { Field = new(name, ColumnType.Int32, Unit.One, isMissing) }; }
        return field.DataType.TypeId switch
        {
            ArrowTypeId.Timestamp => FileColumn.Time(name),
            ArrowTypeId.Boolean => FileColumn.Flag(name, isMissing),
            ArrowTypeId.Int8 or ArrowTypeId.UInt8 or ArrowTypeId.Int16 or ArrowTypeId.UInt16 or ArrowTypeId.Int32 =>
                Number(ColumnType.Int32),
            ArrowTypeId.Int64 or ArrowTypeId.UInt32 or ArrowTypeId.UInt64 => Number(ColumnType.Int64),
            ArrowTypeId.HalfFloat or ArrowTypeId.Float => Number(ColumnType.Float32),
            ArrowTypeId.Double => Number(ColumnType.Float64),
            ArrowTypeId.Duration or ArrowTypeId.Time32 or ArrowTypeId.Time64 =>
                Number(ColumnType.Int64, new(ArrowCells.SymbolOf(ArrowCells.UnitOf(field.DataType)))),
            _ => null,
        };
    }

    private static string? Find(ArrowField field, string key) => field.Metadata?.GetValueOrDefault(key);
}
