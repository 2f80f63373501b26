namespace StreamLearn.Formats.Tests;

/// <summary>The rows of the files that goldens/make.py writes and checks.</summary>
internal static class Golden
{
    internal const int Rows = 12;
    internal const long FirstTime = 1_767_225_600_000_000_000;

    internal static IReadOnlyList<FileColumn> Columns { get; } =
    [
        FileColumn.Time("time"), FileColumn.Channel("a"), FileColumn.Number("b", ColumnType.Float64, nullable: true),
        FileColumn.Number("n", ColumnType.Int32), FileColumn.Label("label", "walk", "run"),
    ];

    internal static List<string> Expected { get; } = Texts(static b => b);
    internal static List<string> Rounded { get; } = Texts(static b => Math.Round(b, 15));
    internal static string Of(string name) => Path.Join(AppContext.BaseDirectory, "goldens", name);
    internal static float A(int i) => i / 10f;

    internal static Batch Batch(BatchPool pool)
    {
        int[] rows = [.. Enumerable.Range(0, Rows)];
        var batch = Batches.Of(pool, new(Columns.Select(c => c.Field)),
            rows.Select(i => FirstTime + (i * 1_000_000_000L)).ToArray(), rows.Select(A).ToArray(),
            rows.Select(i => 1.0 / (i + 1)).ToArray(), rows.Select(i => i - 3).ToArray(), rows.Select(i => i % 2).ToArray());
        foreach (var i in rows)
        {
            batch["b"].SetValid(i, i % 5 != 2);
            batch["label"].SetValid(i, i % 5 != 4);
        }
        return batch;
    }

    private static List<string> Texts(Func<double, double> rounded) => [.. Enumerable.Range(0, Rows).Select(i => string.Join('|',
        (FirstTime + (i * 1_000_000_000L)).ToString(CultureInfo.InvariantCulture), A(i).ToString("R", CultureInfo.InvariantCulture),
        i % 5 == 2 ? "" : rounded(1.0 / (i + 1)).ToString("R", CultureInfo.InvariantCulture), $"{i - 3}", i % 5 == 4 ? "" : $"{i % 2}"))];
}
