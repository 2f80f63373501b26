namespace StreamLearn.Arrow.Tests;

/// <summary>A folder of a test, with what tests of files share.</summary>
internal sealed class ArrowFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("arrow-").FullName;
    public void Dispose() => Directory.Delete(_path, recursive: true);
    internal string Of(string name) => Path.Join(_path, name);

    /// <summary>Writes batches of any columns as a file.</summary>
    internal string Write(string name, ArrowForm form, params ReadOnlySpan<ArrowBatch> batches)
    {
        File.WriteAllBytes(Of(name), SampleWriter.Written(batches[0].Schema, form, compresses: false, batches));
        return Of(name);
    }

    /// <summary>Writes batches through the sink, each with so many rows, and gives their rows.</summary>
    internal List<string> Sink(string name, ArrowForm form, Schema schema, params int[] rows)
    {
        using var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(Of(name), form), schema);
        List<string> written = [];
        foreach (var (seed, count) in rows.Index())
        {
            var batch = Batches.Random(probe.Pool, schema, count, seed);
            written.AddRange(Rows(batch));
            probe.Send(batch);
        }
        probe.Complete();
        return written;
    }

    /// <summary>The rows that a source plays: values with bars between them, nothing for a missing one.</summary>
    internal static List<string> Read(string path, ArrowRowsOptions? options = null)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromArrow(path, options?.Batches, options?.BatchRows ?? 1024, options?.Limits));
        List<string> rows = [];
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            rows.AddRange(Rows(batch));
        }
        return rows;
    }

    internal static Schema SchemaOf(string path, ArrowBatchOptions? options = null)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromArrow(path, options));
        return probe.Pipeline.Nodes[0].Schema!;
    }

    internal static List<string> Rows(Batch batch)
    {
        List<string> rows = [];
        for (var row = 0; row < batch.Rows; row++)
        {
            List<string> values = [];
            for (var c = 0; c < batch.Columns.Count; c++) { values.Add(Value(batch.Columns[c], row)); }
            rows.Add(string.Join('|', values));
        }
        return rows;
    }

    private static string Value(Column column, int row) => !column.IsValid(row) ? "" : column.Field.Type switch
    {
        ColumnType.Float32 => FormattableString.Invariant($"{column.Values<float>()[row]:R}"),
        ColumnType.Float64 => FormattableString.Invariant($"{column.Values<double>()[row]:R}"),
        ColumnType.Int32 => FormattableString.Invariant($"{column.Values<int>()[row]}"),
        _ => FormattableString.Invariant($"{column.Values<long>()[row]}"),
    };
}
