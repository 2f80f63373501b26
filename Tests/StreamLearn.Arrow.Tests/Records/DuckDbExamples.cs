using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.C;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace StreamLearn.Arrow.Tests;

/// <summary>C# of the page of StreamLearn.Arrow that DuckDB takes part in.</summary>
internal static class DuckDbExamples
{
    [DllImport("duckdb")]
    private static extern unsafe int duckdb_arrow_scan(
        DuckDBNativeConnection connection, [MarshalAs(UnmanagedType.LPUTF8Str)] string view, CArrowArrayStream* rows);

    internal static unsafe double Query(DuckDBConnection connection, RecordBatch window, string sql)
    {
        var rows = CArrowArrayStream.Create();
        CArrowArrayStreamExporter.ExportArrayStream(new[] { window }.ToArrayStream(window.Schema), rows);
        if (duckdb_arrow_scan(connection.NativeConnection, "rows", rows) != 0) { throw new InvalidOperationException("no view"); }
        using var command = connection.CreateCommand();
        command.CommandText = "create or replace temp table live as from rows";     // this scan takes all columns or the wrong ones
        command.ExecuteNonQuery();
        CArrowArrayStream.Free(rows);
        command.CommandText = sql;      // select max(x) - min(x) from live
        return Convert.ToDouble(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
