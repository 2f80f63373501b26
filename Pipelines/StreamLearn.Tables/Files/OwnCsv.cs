namespace StreamLearn.Tables;

internal sealed class OwnCsv : IOwnFiles
{
    public const string Name = "--csv";

    /// <summary>The options for the settings that messages of the library name.</summary>
    private static readonly (string Setting, string Option)[] Words =
    [
        ("set hasNames to false", "use --no-header"),
        ("hasNames says whether they are names", "--header takes them as names, --no-header as values"),
        ("read it with StreamLearn.Arrow", "use --arrow"),
        ("Encoding.Unicode reads", "--encoding utf-16 reads"),
    ];

    private readonly CsvOptions _form;
    private readonly ImmutableArray<string> _headNotes;
    private readonly SortedSet<(string File, long Line)> _headers = [], _belowOther = [];
    private readonly Dictionary<string, ImmutableSortedDictionary<string, long>> _texts = [];      // of a single file
    private readonly Dictionary<string, ImmutableArray<string>> _written = [];      // as they are in all files

    internal OwnCsv(string pattern, CsvForm? said = null)
    {
        said ??= new();
        Set = FileSet.Find(pattern);
        var first = Set.Files[0];
        if (!File.Exists(first)) { throw new FileNotFoundException($"there is no file {first}"); }
        if (ArrowFile.IsArrow(first))
        {
            throw new ProgramException($"--csv: {first} is an Arrow file: use --arrow", ProgramExit.DataRefused);
        }

        var head = HeadOf(first, said);
        _form = new()
        {
            Delimiter = head.Delimiter,
            SkipLines = head.SkipLines,
            Encoding = said.Encoding,
            Comment = said.Comment ?? head.Comment,
            Header = said.Header && head.HasNames,
            Missing = said.Missing.IsEmpty ? CsvOptions.DefaultMissing : [.. CsvOptions.DefaultMissing, .. said.Missing],
            SkipBadRows = true,
        };
        Columns = [.. CsvSurvey.Columns(first, _form).Select(Numbers)];
        if (_form.Delimiter == ',' && Columns.FirstOrDefault(HasCommas) is { } commas)
        {
            throw new ProgramException($"--csv: column '{commas.Source}' has decimal commas, such as '{commas.Classes[0]}': "
                + "expected decimal points if commas separate values", ProgramExit.DataRefused);
        }

        if (_form.Delimiter != ',' && WithCommas(first) is { } numbers)
        {
            _form = _form with { DecimalComma = true };
            Columns = numbers;
        }

        var names = CsvSurvey.Names(first, _form);
        if (names.FirstOrDefault(static n => n.Name.Length > Schema.MaxNameLength).Name is { } name)
        {
            throw new ProgramException(FormattableString.Invariant($"{first}: expected column names of at most {Schema.MaxNameLength} ")
                + FormattableString.Invariant($"characters, got one of {name.Length}: {name[..20]}…"), ProgramExit.DataRefused);
        }

        if (said.Encoding is null && (names.Any(static n => n.Name.Contains('\uFFFD') || n.Unit?.Symbol.Contains('\uFFFD') == true)
            || Columns.Any(static c => c.Value == FileValue.Class && c.Classes.Any(static t => t.Contains('\uFFFD')))))
        {
            throw new ProgramException($"--csv: {first}: its texts are not in UTF-8: --encoding latin1 reads those of Windows, "
                + "windows-1252 also signs such as €", ProgramExit.DataRefused);
        }

        _headNotes =
        [
            .. !head.HasNames ? ["there is no header: columns are c0, c1, and so on"]
                : Array.Empty<string>(),
            .. head.TextLine is { } line
                ? [FormattableString.Invariant($"line {line + 1} has texts below the names, such as units: it is no row")]
                : Array.Empty<string>(),
            .. _form.Comment is { } comment && said.Comment is null ? [$"lines that begin with {comment} are skipped"]
                : Array.Empty<string>(),
        ];
        var unnamed = names.Count(static n => n.Name.Length == 0);
        LeftOut =
        [
            .. head.SkipLines == 0 ? []
                : new[] { $"noted     {Lines(head.SkipLines)} before the {(head.HasNames ? "header" : "rows")} skipped" },
            .. unnamed == 0 ? [] : new[] { FormattableString.Invariant($"left out  {unnamed} columns without a name") },
            .. names.Where(n => n.Name.Length > 0 && !Columns.Any(c => c.Source == n.Name)).Select(static n => FormattableString.Invariant(
                $"left out  '{n.Name}': texts, more than {CsvSurvey.MaxTexts} different ones")),
        ];
    }

    private static CsvHead HeadOf(string path, CsvForm said)
    {
        try
        {
            return CsvHead.Of(path, new() { Encoding = said.Encoding, Comment = said.Comment }, said.Delimiter,
                !said.Header ? false : said.NumbersAreNames ? true : null);
        }
        catch (FileRowsException e)
        {
            throw new FileRowsException(e.Row, Words.Aggregate(e.Message, static (text, word) =>
                text.Replace(word.Setting, word.Option, StringComparison.Ordinal)), e);
        }
    }

    /// <summary>Returns the columns read with decimal commas; null if that makes no more of them numeric.</summary>
    private ImmutableArray<FileColumn>? WithCommas(string first)
    {
        ImmutableArray<FileColumn> columns = [.. CsvSurvey.Columns(first, _form with { DecimalComma = true }).Select(Numbers)];
        return columns.Count(IsNumber) > Columns.Count(IsNumber) ? columns : null;
    }

    private static bool IsNumber(FileColumn column) => column.Value == FileValue.Number;

    public string Option => Name;

    public CsvOptions Form => _form;

    public FileSet Set { get; }

    public string NameOf(int file) => Names.In(Set.Files[file]);

    public ImmutableArray<FileColumn> Columns { get; }

    public ImmutableArray<string> LeftOut { get; }

    public ImmutableArray<string> HeadNotes => [.. Joined, .. _headNotes, .. HeaderNotes()];

    internal TemporaryNames Names { get; init; } = new();

    /// <summary>The column of times in nanoseconds if the files were made of others; null otherwise.</summary>
    internal string? JoinedTime { get; init; }

    internal bool JoinedLackZone { get; init; }

    internal string? JoinedBy { get; init; }

    /// <summary>How the files were made of others.</summary>
    internal ImmutableArray<string> Joined { get; init; } = [];

    public ImmutableArray<(string Name, Unit? Unit)> NamesOf(string path) =>
        [.. CsvSurvey.Names(path, _form).Where(static n => n.Name.Length > 0)];

    public IEnumerable<string> SpellingNotes(string column) =>
        _written.TryGetValue(column, out var texts) ? Spellings.Notes(column, texts) : [];

    public string TimeText(FileColumn column) => "ISO 8601";

    public ImmutableArray<ImmutableSortedDictionary<string, long>> Texts(IReadOnlyList<string> columns, bool isFirstOnly = false)
    {
        if (Set.Files.Length > 1)
        {
            var read = CsvSurvey.Texts(isFirstOnly ? Set.Files[0] : Set.Pattern, columns, _form);
            if (!isFirstOnly)
            {
                foreach (var (column, texts) in columns.Zip(read)) { _written[column] = [.. texts.Keys]; }
            }

            return [.. read.Select(Spellings.Merged)];
        }

        if (!columns.All(_texts.ContainsKey))
        {
            string[] all = [.. columns.Union(Columns.Where(static c => c.Value == FileValue.Class).Select(static c => c.Source))];
            foreach (var (column, texts) in all.Zip(CsvSurvey.Texts(Set.Pattern, all, _form)))
            {
                (_texts[column], _written[column]) = (Spellings.Merged(texts), [.. texts.Keys]);
            }
        }

        return [.. columns.Select(c => _texts[c])];
    }

    public Flow<Batch> Play(PipelineBuilder builder, OwnForm form, Action<RefusedRow>? refuse)
    {
        var pattern = form.IsFirstOnly ? Set.Files[0] : form.Of(Set).Pattern;
        var options = _form with
        {
            Columns = form.Columns,
            BatchRows = form.BatchRows,
            SamplesPerSecond = form.SamplesPerSecond,
            FileColumn = form.FileColumn,
            Follow = form.Follow,
            MaxRowBytes = form.MaxRowBytes,
        };
        if (refuse is null) { return builder.FromCsv(pattern, options); }
        var (rows, refused) = builder.FromCsvWithRefused(pattern, options);
        refused.ForEach("refused", read =>
        {
            var row = Names.Of(read);
            if (row.Reason == FileFault.RepeatedHeader) { _headers.Add((row.File, row.Line)); }
            else
            {
                if (row.Reason == FileFault.OtherHeader) { _belowOther.Add((row.File, row.Line)); }
                refuse(row);
            }
        });
        return rows;
    }

    private IEnumerable<string> HeaderNotes()
    {
        if (_headers.Count > 0)
        {
            var first = _headers.Min;
            yield return (_headers.Count == 1 ? $"{first.File}:{first.Line} is the header again"
                : FormattableString.Invariant($"{_headers.Count:N0} lines are the header again, first {first.File}:{first.Line}"))
                + ": rows below are read by it";
        }

        if (_belowOther.Count > 0)
        {
            var (file, line) = _belowOther.Min;
            yield return FormattableString.Invariant($"{_belowOther.Count:N0} rows, first {file}:{line}, are ")
                + "below another header that does not have all columns: they are left out";
        }
    }

    /// <summary>Treats a mostly numeric string column as numbers; its other rows are refused. Whole numbers among texts such as <c>3fa1</c>
    /// are identifiers.</summary>
    private static FileColumn Numbers(FileColumn column) => column.Value == FileValue.Class
        && column.Classes.Count(IsNumber) is var numbers && numbers * 2 > column.Classes.Length && numbers < column.Classes.Length
        && !(column.Classes.All(static c => c.All(char.IsAsciiLetterOrDigit)) && column.Classes.Any(static c =>
            !IsNumber(c) && c.Any(char.IsAsciiDigit)))
            ? FileColumn.Number(column.Field.Name, ColumnType.Float32, column.Field.Unit, nullable: true) with { Source = column.Source }
            : column;

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Lines(int count) => count == 1 ? "1 line" : FormattableString.Invariant($"{count} lines");

    private static bool HasCommas(FileColumn column) => column.Value == FileValue.Class && column.Classes.Length > 1
        && column.Classes.All(static c => c.Count(static d => d == ',') == 1 && IsNumber(c.Replace(',', '.')));
}

/// <summary>What people call the contents of temporary files, for messages.</summary>
internal sealed class TemporaryNames
{
    private readonly Dictionary<string, (string Name, bool HasLines)> _names = [];

    internal static TemporaryNames Of(TableOptions options)
    {
        TemporaryNames names = new();
        if (options.Spooled is { } spooled) { names._names[spooled] = ("standard input", true); }
        return names;
    }

    /// <summary>Names a file that was made of others, whose lines are not its own.</summary>
    internal void Add(string path, string name) => _names[path] = (In(name), false);

    internal string In(string text) => _names.Aggregate(text, static (said, n) =>
        said.Replace(n.Key, n.Value.Name, StringComparison.Ordinal));

    internal RefusedRow Of(RefusedRow row) => _names.TryGetValue(row.File, out var known)
        ? row with { File = known.Name, Line = known.HasLines ? row.Line : 0 } : row;
}
