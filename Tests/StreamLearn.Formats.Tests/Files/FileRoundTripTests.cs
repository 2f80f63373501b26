using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Formats.Tests;

/// <summary>What a sink wrote, a source reads again, bit for bit.</summary>
public sealed class FileRoundTripTests : IDisposable
{
    private static readonly ImmutableArray<string> Texts = ["plain", "a,b", "\"", "two\r\nlines", " space ", "é\u2028\\", ";", "\t", "-1"];

    private static readonly Gen<FileColumn> Columns = Gen.OneOf(
        Gen.Elements(ColumnType.Float32, ColumnType.Float64, ColumnType.Int32, ColumnType.Int64).SelectMany(t => Gen.Elements(true, false)
            .Select(n => FileColumn.Number("", t, new("m/s2"), n))),
        Gen.Elements(true, false).Select(n => FileColumn.Flag("", n)),
        Gen.Constant(FileColumn.Class("", Texts)),
        Gen.Elements(Enum.GetValues<TimeUnit>()).Select(u => FileColumn.Time("", u)));

    private static readonly Arbitrary<(FileColumn[] Columns, int Rows, int Seed)> Tables =
        (from columns in Columns.NonEmptyListOf()
         from rows in Gen.Choose(0, 40)
         from seed in Gen.Choose(0, int.MaxValue)
         select (Named(columns), rows, seed)).ToArbitrary();

    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(','), InlineData(';'), InlineData('\t')]
    public void Of_CSV(char delimiter) => Prop.ForAll(Tables, table => Same(table,
        (flow, path) => flow.ToCsv(path, new() { Columns = table.Columns, Delimiter = delimiter }),
        (p, path) => p.FromCsv(path, new() { Columns = table.Columns, Delimiter = delimiter, BatchRows = 7 }))).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_CSV_without_a_header() => Prop.ForAll(Tables, table => Same(table,
        (flow, path) => flow.ToCsv(path, new() { Columns = table.Columns, Header = false }),
        (p, path) => p.FromCsv(path, new() { Columns = table.Columns, Header = false }))).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_lines_of_JSON() => Prop.ForAll(Tables, table => Same(table,
        (flow, path) => flow.ToJsonLines(path, new() { Columns = table.Columns }),
        (p, path) => p.FromJsonLines(path, new() { Columns = table.Columns, BatchRows = 7 }))).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_arrays() => Prop.ForAll(
        (from type in Gen.Elements(Enum.GetValues<ColumnType>())
         from columns in Gen.Choose(1, 9)
         from rows in Gen.Choose(0, 300)
         from seed in Gen.Choose(0, int.MaxValue)
         select (Named(Enumerable.Repeat(FileColumn.Number("", type), columns)), rows, seed)).ToArbitrary(),
        table => Same(table, (flow, path) => flow.ToNpy(path, [.. table.Item1.Select(c => c.Field.Name)]),
            (p, path) => p.FromNpy(path, new() { Columns = [.. table.Item1.Select(c => c.Field)], BatchRows = 70 })))
        .QuickCheckThrowOnFailure();

    private bool Same((FileColumn[] Columns, int Rows, int Seed) table, Func<Flow<Batch>, string, Sink> sink,
        Func<PipelineBuilder, string, Flow<Batch>> source)
    {
        var path = _folder.Of("table");
        List<string> written;
        using (var probe = OperatorProbe.From<Batch>((_, flow) => sink(flow, path)))
        {
            var batch = Filled(probe.Pool, table.Columns, table.Rows, new(table.Seed));
            written = [.. FileFolder.Rows(batch)];
            foreach (var piece in Batches.Split(batch, 1, 10, 100)) { probe.Send(piece); }
            probe.Complete();
        }
        Assert.Equal(written, FileFolder.Rows(p => source(p, path)));
        return true;
    }

    /// <summary>Names that need quotes, and one time at most.</summary>
    private static FileColumn[] Named(IEnumerable<FileColumn> columns)
    {
        var kept = columns.Where((c, i) => c.Value != FileValue.Time || i == 0).Take(12).ToList();
        return [.. kept.Select((c, i) => c with
        {
            Field = c.Value == FileValue.Time ? c.Field : c.Field with { Name = $"c,\"{i}\"" }, Source = $"c,\"{i}\"",
        })];
    }

    private static Batch Filled(BatchPool pool, FileColumn[] columns, int rows, Random random)
    {
        var batch = pool.Rent(new(columns.Select(c => c.Field)), rows);
        for (var c = 0; c < columns.Length; c++)
        {
            var column = batch.Columns[c];
            for (var row = 0; row < rows; row++)
            {
                var isMissing = columns[c].Field.Nullable && random.Next(4) == 0;
                if (columns[c].Field.Nullable) { column.SetValid(row, !isMissing); }
                Fill(columns[c], column, row, random);
            }
        }
        return batch;
    }

    private static void Fill(FileColumn of, Column column, int row, Random random)
    {
        switch (of.Field.Type)
        {
            case ColumnType.Float32:
                var single = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
                column.Writable<float>()[row] = float.IsFinite(single) ? single : random.Next(2) * -0f;
                break;
            case ColumnType.Float64:
                var number = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
                column.Writable<double>()[row] = double.IsFinite(number) ? number : 0;
                break;
            case ColumnType.Int32:
                column.Writable<int>()[row] = of.Value switch
                {
                    FileValue.Flag => random.Next(2),
                    FileValue.Class => random.Next(of.Classes.Length),
                    _ => random.Next(3) == 0 ? int.MinValue : random.Next(int.MinValue, int.MaxValue),
                };
                break;
            default:
                column.Writable<long>()[row] = random.Next(3) switch
                {
                    0 => random.Next(2) == 0 ? long.MinValue : long.MaxValue,
                    1 => random.NextInt64(-100, 100) * 1_000_000_000,
                    _ => random.NextInt64(long.MinValue, long.MaxValue),
                };
                break;
        }
    }
}
