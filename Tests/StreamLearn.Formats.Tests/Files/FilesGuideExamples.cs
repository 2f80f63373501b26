namespace StreamLearn.Formats.Tests;

/// <summary>The C# of docs/guides/files.md.</summary>
internal static class FilesGuideExamples
{
    internal static Pipeline Print(string path) => Pipeline.Define("print", p => p
        .FromCsv(path)
        .ForEach("print", batch => Console.WriteLine($"{batch.Rows} rows of {batch.Schema}")));

    internal static Pipeline Activities(string folder) => Pipeline.Define("activities", p => p
        .FromCsv($"{folder}/{{person}}/*.csv.gz", new CsvOptions
        {
            Columns =
            [
                FileColumn.Time("timestamp", TimeUnit.Milliseconds),
                FileColumn.Channel("ax", new Unit("m/s2")),
                FileColumn.Channel("ay", new Unit("m/s2"), nullable: true),
                FileColumn.Label("activity", "walk", "run", "sit"),
            ],
            SkipBadRows = true,
        })
        .ToJsonLines($"{folder}/activities.jsonl"));

    internal static Pipeline WithRefused(string path, Action<RefusedRow> tell) => Pipeline.Define("refused", p =>
    {
        var (rows, refused) = p.FromCsvWithRefused(path);
        rows.ToNpy($"{path}.npy");
        refused.ForEach("tell", tell);      // data.csv:17, column 'ax': wrong type, got '12,x,3'
    });

    internal static Pipeline Follow(string log, IReadOnlyList<FileColumn> columns) => Pipeline.Define("follow", p => p
        .FromCsv(log, new CsvOptions { Columns = columns, Follow = TimeSpan.FromMilliseconds(200), SkipBadRows = true })
        .ToCsv($"{log}.copy.csv"));

    internal static Pipeline Lines(string path) => Pipeline.Define("lines", p => p
        .FromJsonLines(path, new RowFileOptions { Columns = [FileColumn.Time("at"), FileColumn.Channel("ax", new Unit("m/s2"))] })
        .ToCsv($"{path}.csv"));

    internal static Pipeline Array(string path) => Pipeline.Define("array", p => p
        .FromNpy(path, new NpyOptions { Columns = [Field.Channel("x", Unit.One), Field.Channel("y", Unit.One)], SamplesPerSecond = 50 })
        .ToNpy($"{path}.copy.npy", "x", "y"));
}
