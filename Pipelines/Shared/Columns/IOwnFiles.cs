using System.Collections.Immutable;
using StreamLearn.Formats;

namespace StreamLearn.Programs;

/// <summary>Files of somebody's rows, whatever their form: which columns they have, which texts stand in them, and the rows.</summary>
internal interface IOwnFiles
{
    /// <summary>The option that names them.</summary>
    string Option { get; }

    /// <summary>The files.</summary>
    FileSet Set { get; }

    /// <summary>The columns of the first file. A column of texts need not have its texts.</summary>
    ImmutableArray<FileColumn> Columns { get; }

    /// <summary>What has no place among them, and why: a line each.</summary>
    ImmutableArray<string> LeftOut { get; }

    /// <summary>What was taken for the names of the columns, where that may be wrong: a line each.</summary>
    ImmutableArray<string> HeadNotes { get; }

    /// <summary>Names and units of the columns of a file.</summary>
    /// <exception cref="FileRowsException">It cannot be read.</exception>
    ImmutableArray<(string Name, Unit? Unit)> NamesOf(string path);

    /// <summary>How a column that is a time by its form is written.</summary>
    string TimeText(FileColumn column);

    /// <summary>The texts that stand in some columns of all files, or of the first, with the rows of each.</summary>
    /// <exception cref="ArgumentException">A column has too many.</exception>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    ImmutableArray<ImmutableSortedDictionary<string, long>> Texts(IReadOnlyList<string> columns, bool isFirstOnly = false);

    /// <summary>Plays the rows.</summary>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    Flow<Batch> Play(PipelineBuilder builder, OwnForm form, Action<RefusedRow>? refuse);
}

/// <summary>What of the files is played, and in what form.</summary>
internal sealed record OwnForm(IReadOnlyList<FileColumn> Columns)
{
    /// <summary>A name for <see cref="FileColumn"/> that no column of a user has.</summary>
    public const string FileOfRow = "file of the row";

    /// <summary>Rows of a batch at most.</summary>
    public int BatchRows { get; init; } = 1000;

    /// <summary>True: the first file alone.</summary>
    public bool IsFirstOnly { get; init; }

    /// <summary>Rows a second, where no column is a time: the first column of batches is one then.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The name of a column with the number of the file, beside those of its named parts; null: none.</summary>
    public string? FileColumn { get; init; }

    /// <summary>How often to look at the end of a file that grows; null: it does not.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>Bytes of a row of text at most.</summary>
    public int MaxRowBytes { get; init; } = 1 << 20;
}
