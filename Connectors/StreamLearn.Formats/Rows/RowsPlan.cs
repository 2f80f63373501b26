namespace StreamLearn.Formats;

internal sealed class RowsPlan
{
    private const double NanosecondsPerSecond = 1e9;

    private readonly Func<IReadOnlyList<FileColumn>, int, RecordReader> _create;
    private readonly IReadOnlyList<FileColumn> _columns;
    private readonly int _first;     // index of the first file column; a generated time comes before it
    private readonly long _start;

    internal RowsPlan(FileSet files, RowFileOptions options, IReadOnlyList<FileColumn> columns,
        Func<IReadOnlyList<FileColumn>, int, RecordReader> create)
    {
        (Files, Options, _columns, _create) = (files, options, [.. columns.Select(c => c.Checked())], create);
        if (options.Follow is not null && (files.Files.Length != 1 || files.Files[0] != files.Pattern))
        {
            throw new ArgumentException($"expected one file to follow, without wildcards, got '{files.Pattern}'");
        }

        List<Field> fields = [.. _columns.Select(c => c.Field)];
        _first = options.SamplesPerSecond is null ? 0 : 1;
        if (_first == 1) { fields.Insert(0, Field.Time()); }
        fields.AddRange(files.Names.Select(static n => new Field(n, ColumnType.Int32, Unit.One)));
        if (options.FileColumn is { } name) { fields.Add(new(name, ColumnType.Int32, Unit.One)); }
        Schema = new(fields);
        options.Check(Schema);
        _start = (options.Start.UtcDateTime - DateTime.UnixEpoch).Ticks * 100;
    }

    internal FileSet Files { get; }

    internal RowFileOptions Options { get; }

    internal Schema Schema { get; }

    internal bool KeepsRefused { get; init; }

    internal string[] Reasons { get; } = [.. Enum.GetValues<FileFault>().Select(f => RefusedRow.Words(f).Replace(' ', '-'))];

    internal string[] Notices { get; } = [.. Enum.GetValues<FileFault>().Select(f => $"files-{RefusedRow.Words(f).Replace(' ', '-')}")];

    internal RecordReader CreateReader() => _create(_columns, _first);

    internal void FillOwn(RowStage stage, int file, long before, List<int> skipped)
    {
        if (_first == 1)
        {
            var (interval, missed) = (NanosecondsPerSecond / Options.SamplesPerSecond!.Value, 0);
            for (var r = 0; r < stage.Rows; r++)
            {
                while (missed < skipped.Count && skipped[missed] <= r) { missed++; }
                stage.At<long>(0, r) = _start + (long)Math.Round((before + r + missed) * interval);
            }
        }

        var column = _first + _columns.Count;
        for (var n = 0; n < Files.Names.Length; n++, column++) { Fill(stage, column, Files.Code(file, n)); }
        if (Options.FileColumn is not null) { Fill(stage, column, file); }
    }

    private static void Fill(RowStage stage, int column, int value)
    {
        for (var r = 0; r < stage.Rows; r++) { stage.At<int>(column, r) = value; }
    }
}
