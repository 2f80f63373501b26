namespace StreamLearn.Tests;

public sealed class ColumnCopyTests
{
    [Fact]
    public void CopyFrom_copies_missing_values_from_and_to_any_row()
    {
        var schema = new Schema(Field.Label());
        var pool = new BatchPool(guard: true);
        using var source = Batches.Random(pool, schema, 77, seed: 4);
        for (var from = 0; from < 20; from++)
        {
            for (var to = 0; to < 20; to++)
            {
                for (var rows = 0; rows < 57; rows++) { AssertCopied(pool, source, from, to, rows); }
            }
        }
    }

    [Fact]
    public void CopyFrom_moves_rows_towards_the_start_of_their_own_column()
    {
        var schema = new Schema(Field.Label());
        var pool = new BatchPool(guard: true);
        for (var by = 1; by < 40; by++)
        {
            using var batch = Batches.Random(pool, schema, 100, seed: by);
            using var expected = batch.Copy(by, 100 - by);
            batch.Columns[0].CopyFrom(0, batch.Columns[0], by, 100 - by);
            using var moved = batch.Copy(0, 100 - by);
            Assert.Null(Batches.Difference(expected, moved));
        }
    }

    [Fact]
    public void CopyFrom_a_column_without_missing_values_marks_the_rows_as_present()
    {
        var pool = new BatchPool(guard: true);
        using var source = Batches.Of(pool, new Schema(new Field("label", ColumnType.Int32, Unit.One)), new int[] { 1, 2, 3 });
        using var target = Batches.Of(pool, new Schema(Field.Label()), new int?[] { null, null, null, null, null });
        target.Columns[0].CopyFrom(1, source.Columns[0], 0, 3);
        Assert.Equal([false, true, true, true, false], Enumerable.Range(0, 5).Select(target.Columns[0].IsValid));
    }

    private static void AssertCopied(BatchPool pool, Batch source, int from, int to, int rows)
    {
        using var target = Batches.Of(pool, source.Schema, Enumerable.Range(0, 80).Select(i => i % 3 == 0 ? (int?)null : 9).ToArray());
        target.Columns[0].CopyFrom(to, source.Columns[0], from, rows);
        for (var row = 0; row < 80; row++)
        {
            var copied = row >= to && row < to + rows;
            var valid = copied ? source.Columns[0].IsValid(from + row - to) : row % 3 != 0;
            Assert.Equal(valid, target.Columns[0].IsValid(row));
            if (valid)
            {
                Assert.Equal(copied ? source.Columns[0].Values<int>()[from + row - to] : 9, target.Columns[0].Values<int>()[row]);
            }
        }
    }
}
