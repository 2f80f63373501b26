namespace StreamLearn.Formats.Tests;

/// <summary>Files that numpy and pandas wrote, and files that they have read.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData("pandas-rows.csv", ','), InlineData("pandas-rows.csv.gz", ','), InlineData("pandas-quoted.csv", ';')]
    public void Csv_of_pandas_is_read(string name, char delimiter) => Assert.Equal(Golden.Expected,
        FileFolder.Rows(p => p.FromCsv(Golden.Of(name), new() { Columns = Golden.Columns, Delimiter = delimiter })));

    [Fact]
    public void Csv_of_pandas_is_read_without_columns_declared()
    {
        var columns = CsvSurvey.Columns(Golden.Of("pandas-rows.csv"));
        Assert.Equal(["time int64 [ns], Iso8601", "a float32 [1]", "b float64? [1]", "n int32 [1]", "label int32? [1], classes run|walk"],
            columns.Select(c => $"{c}"));
        Assert.Equal(Golden.Rows, FileFolder.Rows(p => p.FromCsv(Golden.Of("pandas-rows.csv"))).Count);
    }

    /// <summary>pandas writes 15 decimals.</summary>
    [Fact]
    public void Lines_of_JSON_of_pandas_are_read() => Assert.Equal(Golden.Rounded,
        FileFolder.Rows(p => p.FromJsonLines(Golden.Of("pandas-rows.jsonl"), new() { Columns = Golden.Columns })));

    [Theory, InlineData("f4", ColumnType.Float32), InlineData("f8", ColumnType.Float64), InlineData("i1", ColumnType.Int32)]
    [InlineData("i2", ColumnType.Int32), InlineData("i4", ColumnType.Int32), InlineData("i8", ColumnType.Int64)]
    [InlineData("u1", ColumnType.Int32), InlineData("u2", ColumnType.Int32), InlineData("u4", ColumnType.Int64)]
    [InlineData("version2", ColumnType.Float64), InlineData("version3", ColumnType.Float64)]
    public void Arrays_of_numpy_are_read(string name, ColumnType type)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromNpy(Golden.Of($"numpy-{name}.npy"), new() { BatchRows = 3 }));
        Assert.All(probe.Pipeline.Nodes[0].Schema!.Fields, f => Assert.Equal(type, f.Type));
        Assert.Equal(["0|1|2", "3|4|5", "6|7|8", "9|10|11"], FileFolder.Rows(probe));
    }

    [Fact]
    public void Truth_values_and_one_dimension_are_read()
    {
        Assert.Equal(["0|1|1", "1|1|1", "1|1|1", "1|1|1"], FileFolder.Rows(p => p.FromNpy(Golden.Of("numpy-b1.npy"))));
        var flat = FileFolder.Rows(p => p.FromNpy(Golden.Of("numpy-flat.npy"), new() { BatchRows = 5, SamplesPerSecond = 1 }));
        Assert.Equal("1000000000|0.5", flat[1]);
        Assert.Equal("2000000000|NaN", flat[2]);
        Assert.Equal(Golden.Rows, flat.Count);
    }

    [Theory, InlineData("f2", "<f2"), InlineData("big", ">f4"), InlineData("c8", "<c8"), InlineData("text", "<U1")]
    [InlineData("fields", "several fields"), InlineData("fortran", "fortran_order"), InlineData("3d", "(2, 2, 2)"), InlineData("0d", "()")]
    public void Other_arrays_are_refused_by_name(string name, string said)
    {
        var path = Golden.Of($"numpy-refused-{name}.npy");
        var refused = Assert.Throws<InvalidDataException>(() => Pipeline.Define("p", p => p.FromNpy(path).Discard()));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The files were read by pandas and numpy: goldens/make.py check.</summary>
    [Fact]
    public void What_is_written_has_the_bytes_that_pandas_and_numpy_have_read()
    {
        Written("sink-rows.csv", static (flow, path) => flow.ToCsv(path, new() { Columns = Golden.Columns }));
        Written("sink-rows.jsonl", static (flow, path) => flow.ToJsonLines(path, new() { Columns = Golden.Columns }));
        Written("sink-a.npy", static (flow, path) => flow.ToNpy(path));
        Written("sink-b.npy", static (flow, path) => flow.ToNpy(path, "b"));
        Written("sink-n.npy", static (flow, path) => flow.ToNpy(path, "n"));
        Written("sink-wide.npy", static (flow, path) => flow.ToNpy(path), pool =>
        {
            float[] a = [.. Enumerable.Range(0, Golden.Rows).Select(Golden.A)];
            return Batches.OfChannels(pool, a, [.. a.Select(v => -v)]);
        });
    }

    private void Written(string name, Func<Flow<Batch>, string, Sink> sink, Func<BatchPool, Batch>? make = null)
    {
        var path = _folder.Of(name);
        using (var probe = OperatorProbe.From<Batch>((_, flow) => sink(flow, path)))
        {
            foreach (var piece in Batches.Split((make ?? Golden.Batch)(probe.Pool), 5, 7)) { probe.Send(piece); }
            probe.Complete();
        }
        if (Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_GOLDENS") is { Length: > 0 } folder)
        {
            File.Copy(path, Path.Join(folder, name), overwrite: true);
            return;
        }
        Assert.Equal(File.ReadAllBytes(Golden.Of(name)), File.ReadAllBytes(path));
    }
}
