namespace StreamLearn.Tables;

internal interface IOwnFiles
{
    string Option { get; }

    FileSet Set { get; }

    /// <summary>A file, in words.</summary>
    string NameOf(int file) => Set.Files[file];

    ImmutableArray<FileColumn> Columns { get; }

    ImmutableArray<string> LeftOut { get; }

    ImmutableArray<string> HeadNotes { get; }

    ImmutableArray<(string Name, Unit? Unit)> NamesOf(string path);

    string TimeText(FileColumn column);

    /// <summary>Says which texts of a column are the same class or device.</summary>
    IEnumerable<string> SpellingNotes(string column);

    /// <summary>Returns the rows per string of some columns, over all files or the first.</summary>
    /// <exception cref="ArgumentException">A column has too many different strings.</exception>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    ImmutableArray<ImmutableSortedDictionary<string, long>> Texts(IReadOnlyList<string> columns, bool isFirstOnly = false);

    Flow<Batch> Play(PipelineBuilder builder, OwnForm form, Action<RefusedRow>? refuse);
}

internal sealed record OwnForm(IReadOnlyList<FileColumn> Columns)
{
    /// <summary>A name for <see cref="FileColumn"/> that no user column has.</summary>
    public const string FileOfRow = "file of the row";

    public int BatchRows { get; init; } = 1000;

    public bool IsFirstOnly { get; init; }

    /// <summary>Rows per second if no column is a time; a time column is then added first.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Column for the file number, in addition to those of the named parts; null for none.</summary>
    public string? FileColumn { get; init; }

    /// <summary>Poll interval at the end of a growing file; null: the file does not grow.</summary>
    public TimeSpan? Follow { get; init; }

    public int MaxRowBytes { get; init; } = 1 << 20;

    /// <summary>Returns files whose named parts have other names than the columns, which come first.</summary>
    internal FileSet Of(FileSet files)
    {
        string[] taken = [.. files.Names.Where(n => n == FileColumn || Columns.Any(c => c.Field.Name == n))];
        return taken.Length == 0 ? files
            : FileSet.Find(taken.Aggregate(files.Pattern, static (p, n) => p.Replace($"{{{n}}}", "*", StringComparison.Ordinal)));
    }
}
