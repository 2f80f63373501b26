using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Tests;

public sealed class BatchTests
{
    [Fact]
    public void Retain_shares_the_memory_and_the_last_dispose_returns_it()
    {
        var pool = new BatchPool();
        var first = Batches.OfChannels(pool, [1, 2]);
        var second = first.Retain();
        Assert.True(first.IsShared && second.IsShared);
        Assert.Equal(2, pool.RentedBatches);
        first.Dispose();
        Assert.False(second.IsShared);
        Assert.Equal(2, second.Channels[0].Values<float>()[1]);
        Assert.Equal(second.SizeBytes, pool.RentedBytes);
        second.Dispose();
        Assert.Equal((0, 0), (pool.RentedBatches, pool.RentedBytes));
    }

    [Fact]
    public void ToWritable_is_the_same_batch_when_nobody_shares_it()
    {
        using var batch = Batches.OfChannels(new(), [1]);
        Assert.Same(batch, batch.ToWritable());
    }

    [Fact]
    public void ToWritable_moves_the_handle_to_a_copy_when_the_memory_is_shared()
    {
        var pool = new BatchPool(guard: true);
        using var reader = Batches.OfChannels(pool, [1, 2]);
        var writer = reader.Retain();
        using var writable = writer.ToWritable();
        Assert.Same(writer, writable);
        writable.Channels[0].Writable<float>()[0] = 7;
        Assert.Equal(1, reader.Channels[0].Values<float>()[0]);
        Assert.False(reader.IsShared);
        Assert.Equal(2, writable.Channels[0].Values<float>()[1]);
        Assert.Equal((2, 2 * reader.SizeBytes), (pool.RentedBatches, pool.RentedBytes));
    }

    [Fact]
    public void Disposing_twice_throws()
    {
        var batch = Batches.OfChannels(new(guard: true), [1]);
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(batch.Dispose);
    }

    [Fact]
    public void A_disposed_batch_lets_nobody_in()
    {
        var batch = Batches.OfChannels(new(guard: true), [1]);
        var column = batch.Channels[0];
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Schema);
        Assert.Throws<ObjectDisposedException>(() => batch.Rows);
        Assert.Throws<ObjectDisposedException>(() => batch.SizeBytes);
        Assert.Throws<ObjectDisposedException>(() => batch.Retain());
        Assert.Throws<ObjectDisposedException>(() => batch.ToWritable());
        Assert.Throws<ObjectDisposedException>(() => batch.IsShared);
        Assert.Throws<ObjectDisposedException>(() => batch["c0"]);
        Assert.Throws<ObjectDisposedException>(() => column.Values<float>()[0]);
    }

    [Fact]
    public void A_guarding_pool_spoils_memory_that_came_back()
    {
        var pool = new BatchPool(guard: true);
        var batch = Batches.OfChannels(pool, [1, 2]);
        var late = batch.Channels[0].Values<float>();
        batch.Dispose();
        Assert.True(float.IsNaN(late[0]) && float.IsNaN(late[1]));
        using var next = Batches.OfChannels(pool, [3, 4]);
        Assert.NotSame(batch, next);
    }

    [Fact]
    public void Copy_takes_consecutive_rows_and_refuses_rows_that_are_not_there()
    {
        var pool = new BatchPool();
        using var batch = Batches.OfChannels(pool, [1, 2, 3, 4]);
        using var copy = batch.Copy(1, 2);
        Assert.Equal([2f, 3f], copy.Channels[0].Values<float>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Copy(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Copy(int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Copy(-1, 1));
        Assert.Equal(2, pool.RentedBatches);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void The_pool_counts_exactly_what_a_model_counts_through_any_sequence(bool guard)
    {
        Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ArrayOf().ToArbitrary(), choices => Matches(choices, guard))
            .QuickCheckThrowOnFailure();

        static void Matches(int[] choices, bool guard)
        {
            var pool = new BatchPool(guard);
            var open = new List<(Batch Batch, int Memory, float Value)>();
            var memories = 0;
            foreach (var choice in choices)
            {
                var at = open.Count == 0 ? 0 : (choice & 0xFFFF) % open.Count;
                switch ((choice >> 4) & 3)
                {
                    case 0 or 1 when open.Count == 0:
                    case 0:
                        open.Add((Batches.OfChannels(pool, [choice]), memories++, choice));
                        break;
                    case 1:
                        open.Add((open[at].Batch.Retain(), open[at].Memory, open[at].Value));
                        break;
                    case 2 when open.Count > 0:
                        var before = open[at];
                        var shared = open.Count(o => o.Memory == before.Memory) > 1;
                        open[at] = (before.Batch.ToWritable(), shared ? memories++ : before.Memory, -before.Value);
                        open[at].Batch.Channels[0].Writable<float>()[0] = -before.Value;
                        break;
                    case 3 when open.Count > 0:
                        open[at].Batch.Dispose();
                        open.RemoveAt(at);
                        break;
                }
                Assert.Equal(open.Count, pool.RentedBatches);
                Assert.Equal(open.DistinctBy(o => o.Memory).Sum(o => o.Batch.SizeBytes), pool.RentedBytes);
                Assert.All(open, o => Assert.Equal(o.Value, o.Batch.Channels[0].Values<float>()[0]));
                Assert.All(open, o => Assert.Equal(open.Count(p => p.Memory == o.Memory) > 1, o.Batch.IsShared));
            }
            open.ForEach(o => o.Batch.Dispose());
            Assert.Equal((0, 0), (pool.RentedBatches, pool.RentedBytes));
        }
    }

    [Fact]
    public void CopyFrom_copies_rows_of_all_columns_and_leaves_the_others()
    {
        var schema = new Schema(Field.Time(), Field.Channel("x", Unit.One), Field.Label(), new Field("n", ColumnType.Int64, Unit.One));
        var pool = new BatchPool(guard: true);
        using var source = Batches.Random(pool, schema, 50, seed: 1);
        using var target = Batches.Random(pool, schema, 40, seed: 2);
        using var before = target.Copy(0, 40);
        using var expected = source.Copy(9, 21);

        target.CopyFrom(13, source, 9, 21);

        using var copied = target.Copy(13, 21);
        Assert.Null(Batches.Difference(expected, copied));
        foreach (var (start, rows) in new[] { (0, 13), (34, 6) })
        {
            using var old = before.Copy(start, rows);
            using var left = target.Copy(start, rows);
            Assert.Null(Batches.Difference(old, left));
        }
    }

    [Theory, InlineData(-1, 0, 1), InlineData(0, -1, 1), InlineData(0, 0, -1), InlineData(3, 0, 3), InlineData(0, 8, 3)]
    public void CopyFrom_refuses_rows_that_are_not_in_both_batches(int row, int sourceRow, int rows)
    {
        var pool = new BatchPool(guard: true);
        using var source = Batches.OfChannels(pool, new float[10]);
        using var target = Batches.OfChannels(pool, new float[5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => target.CopyFrom(row, source, sourceRow, rows));
    }

    [Fact]
    public void CopyFrom_refuses_rows_of_another_schema()
    {
        var pool = new BatchPool(guard: true);
        using var source = Batches.OfChannels(pool, [1f], [2f]);
        using var target = Batches.OfChannels(pool, [1f]);
        Assert.Throws<SchemaException>(() => target.CopyFrom(0, source, 0, 1));
    }
}
