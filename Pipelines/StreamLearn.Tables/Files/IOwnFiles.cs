namespace StreamLearn.Tables;

internal interface IOwnFiles
{
    string Option { get; }

    FileSet Set { get; }

    ImmutableArray<FileColumn> Columns { get; }

    ImmutableArray<string> LeftOut { get; }

    ImmutableArray<string> HeadNotes { get; }

    ImmutableArray<(string Name, Unit? Unit)> NamesOf(string path);

    string TimeText(FileColumn column);

    /// <summary>Rows per text of some columns, over all files or the first.</summary>
    /// <exception cref="ArgumentException">A column has too many.</exception>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    ImmutableArray<ImmutableSortedDictionary<string, long>> Texts(IReadOnlyList<string> columns, bool isFirstOnly = false);

    Flow<Batch> Play(PipelineBuilder builder, OwnForm form, Action<RefusedRow>? refuse);
}

/// <summary>Selection of rows and columns to play.</summary>
internal sealed record OwnForm(IReadOnlyList<FileColumn> Columns)
{
    /// <summary>A name for <see cref="FileColumn"/> that no user column has.</summary>
    public const string FileOfRow = "file of the row";

    public int BatchRows { get; init; } = 1000;

    /// <summary>True: only the first file.</summary>
    public bool IsFirstOnly { get; init; }

    /// <summary>Rows a second if no column is a time; a time column is then added first.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Column for the file number, beside those of the named parts; null: none.</summary>
    public string? FileColumn { get; init; }

    /// <summary>Poll interval at the end of a growing file; null: the file does not grow.</summary>
    public TimeSpan? Follow { get; init; }

    public int MaxRowBytes { get; init; } = 1 << 20;
}
