using System.IO.Compression;

namespace StreamLearn.Formats.Tests;

/// <summary>A folder of a test, with what tests of rows share.</summary>
internal sealed class FileFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("files-").FullName;
    public void Dispose() => Directory.Delete(_path, recursive: true);
    internal string Of(string name) => Path.Join(_path, name);
    internal string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    internal string Write(string name, byte[] bytes)
    {
        var path = Of(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    internal static byte[] Zipped(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest)) { gzip.Write(bytes); }
        return stream.ToArray();
    }

    /// <summary>The rows of a file of CSV as texts: values with bars between them, nothing for a missing one.</summary>
    internal List<string> Csv(string text, CsvOptions? options = null)
    {
        var path = Write("data.csv", text);
        return Rows(p => p.FromCsv(path, options));
    }

    internal List<string> JsonLines(string text, RowFileOptions options)
    {
        var path = Write("data.jsonl", text);
        return Rows(p => p.FromJsonLines(path, options));
    }

    internal static List<string> Rows(Func<PipelineBuilder, Flow<Batch>> source)
    {
        using var probe = new SourceProbe<Batch>(source);
        return Rows(probe);
    }

    internal static List<string> Rows(SourceProbe<Batch> probe)
    {
        List<string> rows = [];
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            rows.AddRange(Rows(batch));
        }
        return rows;
    }

    /// <summary>Runs a pipeline that leaves out bad rows, and gives the others.</summary>
    internal static async Task<List<string>> PlayAsync(string pattern, CsvOptions options, List<RefusedRow> refused)
    {
        List<string> rows = [];
        var pipeline = Pipeline.Define("files", p =>
        {
            var (read, bad) = p.FromCsvWithRefused(pattern, options);
            read.ForEach("rows", batch => rows.AddRange(Rows(batch)));
            bad.ForEach("refused", refused.Add);
        });
        await using var run = pipeline.Start(new RunOptions { GuardMemory = true });
        await run.Completion;
        return rows;
    }

    internal static IEnumerable<string> Rows(Batch batch)
    {
        for (var row = 0; row < batch.Rows; row++)
        {
            List<string> values = [];
            for (var c = 0; c < batch.Columns.Count; c++) { values.Add(Value(batch.Columns[c], row)); }
            yield return string.Join('|', values);
        }
    }

    private static string Value(Column column, int row) => !column.IsValid(row) ? "" : column.Field.Type switch
    {
        ColumnType.Float32 => column.Values<float>()[row].ToString("R", CultureInfo.InvariantCulture),
        ColumnType.Float64 => column.Values<double>()[row].ToString("R", CultureInfo.InvariantCulture),
        ColumnType.Int32 => column.Values<int>()[row].ToString(CultureInfo.InvariantCulture),
        _ => column.Values<long>()[row].ToString(CultureInfo.InvariantCulture),
    };
}
