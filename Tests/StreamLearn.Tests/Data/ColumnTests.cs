using System.Runtime.CompilerServices;

namespace StreamLearn.Tests;

public sealed class ColumnTests
{
    private static readonly Schema Mixed = new(
        Field.Time(), Field.Channel("x", Unit.One), new("maybe", ColumnType.Float32, Unit.One, Nullable: true),
        new("wide", ColumnType.Float64, Unit.One, Nullable: true), Field.Label());

    [Theory, InlineData(1), InlineData(7), InlineData(8), InlineData(100), InlineData(4096)]
    public unsafe void Every_column_starts_at_a_multiple_of_64_bytes(int rows)
    {
        using var batch = new BatchPool().Rent(Mixed, rows);
        for (var c = 0; c < Mixed.Fields.Length; c++)
        {
            Assert.Equal(0, Address(ref batch.Memory.Values(c)[0]) % 64);
            if (Mixed.Fields[c].Nullable) { Assert.Equal(0, Address(ref batch.Columns[c].WritableValidity[0]) % 64); }
        }

        static unsafe nint Address(ref byte first) => (nint)Unsafe.AsPointer(ref first);
    }

    [Fact]
    public void The_bytes_of_a_column_are_those_of_its_values_and_are_written_by_one_owner_alone()
    {
        using var batch = new BatchPool().Rent(Mixed, 3);
        for (var c = 0; c < batch.Columns.Count; c++) { Assert.Equal(3 * batch.Columns[c].Field.Width, batch.Columns[c].Memory.Length); }
        var x = batch["x"];
        x.Writable<float>()[1] = 2.5f;
        Assert.Equal(BitConverter.GetBytes(2.5f), x.Memory.Span[4..8].ToArray());
        BitConverter.TryWriteBytes(x.WritableBytes[4..], -1f);
        Assert.Equal(-1f, x.Values<float>()[1]);
        using var other = batch.Retain();
        Assert.Throws<InvalidOperationException>(() => { _ = batch["x"].WritableBytes; });
    }

    [Fact]
    public void Columns_do_not_overlap()
    {
        foreach (var rows in new[] { 0, 1, 15, 16, 17, 63, 64, 65, 511, 1000 })
        {
            using var batch = new BatchPool().Rent(Mixed, rows);
            for (var c = 0; c < Mixed.Fields.Length; c++)
            {
                batch.Memory.Values(c).Fill((byte)(c + 1));
                if (Mixed.Fields[c].Nullable) { batch.Columns[c].WritableValidity.Fill((byte)(c + 101)); }
            }
            for (var c = 0; c < Mixed.Fields.Length; c++)
            {
                Assert.Equal(-1, batch.Memory.Values(c).IndexOfAnyExcept((byte)(c + 1)));
                Assert.Equal(-1, batch.Columns[c].Validity.IndexOfAnyExcept((byte)(c + 101)));
                Assert.Equal(rows * Mixed.Fields[c].Width, batch.Memory.Values(c).Length);
            }
        }
    }

    [Fact]
    public void Values_of_another_type_are_refused_by_name()
    {
        using var batch = Batches.OfChannels(new(), [1, 2]);
        Assert.Equal("column 'c0' holds Float32, not Int32",
            Assert.Throws<InvalidOperationException>(() => batch["c0"].Values<int>().Length).Message);
        Assert.Throws<InvalidOperationException>(() => batch["c0"].Values<short>().Length);
        Assert.Throws<SchemaException>(() => batch["absent"]);
        Assert.False(batch.TryColumn("absent", out _));
    }

    [Fact]
    public void A_rented_batch_has_no_missing_values_even_where_the_memory_had()
    {
        var pool = new BatchPool();
        var first = pool.Rent(Mixed, 13);
        for (var row = 0; row < 13; row++) { first["label"].SetValid(row, false); }
        Assert.Equal(13, first["label"].CountMissing());
        first.Dispose();
        using var second = pool.Rent(Mixed, 13);
        Assert.Equal(0, second["label"].CountMissing());
        Assert.Equal(0, second["x"].CountMissing());
    }

    [Fact]
    public void CountMissing_counts_rows_only_and_not_the_bits_behind_them()
    {
        var pool = new BatchPool();
        for (var rows = 1; rows <= 40; rows++)
        {
            using var batch = pool.Rent(Mixed, rows);
            batch["maybe"].WritableValidity.Clear();
            Assert.Equal(rows, batch["maybe"].CountMissing());
            batch["maybe"].SetValid(rows - 1, true);
            Assert.Equal(rows - 1, batch["maybe"].CountMissing());
            Assert.True(batch["maybe"].IsValid(rows - 1));
        }
    }

    [Fact]
    public void A_column_that_is_never_missing_refuses_to_be()
    {
        using var batch = Batches.OfChannels(new(), [1]);
        Assert.True(batch["c0"].Validity.IsEmpty);
        Assert.Throws<InvalidOperationException>(() => batch["c0"].SetValid(0, false));
    }

    [Fact]
    public void CopyFrom_copies_values_and_validity_and_touches_no_other_row()
    {
        var pool = new BatchPool();
        using var source = pool.Rent(Mixed, 20);
        using var target = pool.Rent(Mixed, 20);
        for (var row = 0; row < 20; row++)
        {
            source["maybe"].Writable<float>()[row] = row;
            source["maybe"].SetValid(row, row % 3 != 0);
            target["maybe"].Writable<float>()[row] = -1;
        }
        target["maybe"].CopyFrom(2, source["maybe"], 5, 11);

        for (var row = 0; row < 20; row++)
        {
            var copied = row is >= 2 and < 13;
            Assert.Equal(copied ? row + 3 : -1, target["maybe"].Values<float>()[row]);
            Assert.Equal(!copied || (row + 3) % 3 != 0, target["maybe"].IsValid(row));
        }
    }

    [Fact]
    public void CopyFrom_refuses_another_type_and_missing_values_where_none_may_be()
    {
        using var batch = new BatchPool().Rent(Mixed, 4);
        Assert.Throws<SchemaException>(() => batch["x"].CopyFrom(0, batch["label"], 0, 1));
        Assert.Throws<SchemaException>(() => batch["x"].CopyFrom(0, batch["maybe"], 0, 1));
        batch["maybe"].CopyFrom(0, batch["x"], 0, 4);
        Assert.Equal(0, batch["maybe"].CountMissing());
    }

    [Fact]
    public void A_shared_batch_is_not_written()
    {
        var pool = new BatchPool();
        using var batch = pool.Rent(Mixed, 4);
        using var source = pool.Rent(Mixed, 4);
        Action[] writes =
        [
            () => batch["x"].Writable<float>().Clear(),
            () => batch["maybe"].WritableValidity.Clear(),
            () => batch["maybe"].SetValid(0, false),
            () => batch["x"].CopyFrom(0, source["x"], 0, 4),
            () => batch.CopyFrom(0, source, 0, 4),
        ];
        batch["x"].Writable<float>().Fill(1);

        using (var sibling = batch.Retain())
        {
            Assert.All(writes, write => Assert.Equal(
                "the batch is shared with another owner: call ToWritable() before writing",
                Assert.Throws<InvalidOperationException>(write).Message));
            batch.ToWritable()["x"].Writable<float>().Fill(2);
            Assert.Equal([1, 1, 1, 1], sibling["x"].Values<float>());
        }
        foreach (var write in writes) { write(); }
    }

    [Fact]
    public void Channels_are_the_float32_columns_in_order()
    {
        using var batch = new BatchPool().Rent(Mixed, 1);
        Assert.Equal(2, batch.Channels.Count);
        Assert.Equal(["x", "maybe"], new[] { batch.Channels[0].Field.Name, batch.Channels[1].Field.Name });
        Assert.Equal(5, batch.Columns.Count);
    }
}
