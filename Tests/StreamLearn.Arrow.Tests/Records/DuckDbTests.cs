using System.Reflection;
using System.Runtime.InteropServices;
using Apache.Arrow;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using StreamLearn.Operators;

namespace StreamLearn.Arrow.Tests;

/// <summary>DuckDB queries the windows of a running pipeline.</summary>
public sealed class DuckDbTests
{
    /// <summary>The native library stays in its package: it has 70 MB, and as many for each of four other systems.</summary>
    static DuckDbTests()
    {
        var library = typeof(DuckDbTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(static a => a.Key == "DuckDb").Value!;
        foreach (var assembly in (Assembly[])[typeof(DuckDBNativeConnection).Assembly, typeof(DuckDbTests).Assembly])
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == "duckdb" ? NativeLibrary.Load(library) : 0);
        }
    }

    [Fact]
    public async Task Each_window_is_queried_while_the_pipeline_runs()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var pipeline = Pipeline.Define("windows", p => p
            .Input<Batch>("rows", new Schema(Field.Time(), Field.Channel("x", Unit.One)))
            .Window(samples: 4, hop: 4)
            .ToRecordBatches()
            .Output("windows"));
        await using var run = pipeline.Start();
        var pool = new BatchPool();
        for (var i = 0; i < 3; i++) { await run.SendAsync("rows", Rows(pool, 4 * i), TestContext.Current.CancellationToken); }
        run.Complete("rows");
        List<double> spans = [];

        await foreach (var window in run.ReadAllAsync<RecordBatch>("windows", TestContext.Current.CancellationToken))
        {
            using (window) { spans.Add(DuckDbExamples.Query(connection, window, "select max(x) - min(x) from live")); }
        }
        Assert.Equal([9.0, 33.0, 57.0], spans);      // of squares: 3² − 0², 7² − 4², 11² − 8²
        Assert.Equal(0, pool.RentedBatches);
    }

    private static Batch Rows(BatchPool pool, int first)
    {
        var batch = pool.Rent(new Schema(Field.Time(), Field.Channel("x", Unit.One)), 4);
        for (var row = 0; row < 4; row++)
        {
            batch.Columns[0].Writable<long>()[row] = 1_000_000_000L * (first + row);
            batch.Columns[1].Writable<float>()[row] = (first + row) * (first + row);
        }
        return batch;
    }
}
