namespace StreamLearn.Tests;

public sealed class BatchPoolTests
{
    private static readonly Schema One = Batches.Channels(1);

    [Fact]
    public void Renting_again_allocates_the_handle_alone()
    {
        var pool = new BatchPool();
        var cycles = 0;
        Cycle(pool);

        Assert.Equal(0, Allocations.Least(pool, () =>
        {
            for (var i = 0; i < 1000; i++) { Cycle(pool); }
        }));
        Assert.Equal(2 * cycles, pool.Handles);

        void Cycle(BatchPool pool)
        {
            cycles++;
            var batch = pool.Rent(One, 100);
            batch.Retain().Dispose();
            batch.Dispose();
        }
    }

    [Fact]
    public void A_handle_is_used_once_so_that_a_stale_one_reaches_nobodys_batch()
    {
        var pool = new BatchPool();
        var stale = pool.Rent(One, 3);
        stale.Dispose();
        using var next = pool.Rent(One, 3);
        Assert.Throws<ObjectDisposedException>(stale.Dispose);
        Assert.Throws<ObjectDisposedException>(() => stale.Rows);
        Assert.Throws<ObjectDisposedException>(stale.Retain);
        Assert.Equal((1, 3), (pool.RentedBatches, next.Rows));
    }

    [Fact]
    public void Memory_of_a_burst_that_is_over_is_given_up_step_by_step_and_what_is_needed_is_kept()
    {
        var pool = new BatchPool();
        var burst = Enumerable.Range(0, 64).Select(_ => pool.Rent(One, 1 << 18)).ToList();
        burst.ForEach(b => b.Dispose());
        Assert.Equal(64 << 20, pool.IdleBytes);
        for (var i = 0; i < 12 * BatchPool.BatchesPerTrim; i++)
        {
            using var first = pool.Rent(One, 1 << 18);
            using var second = pool.Rent(One, 1 << 18);
        }
        Assert.Equal(2 << 20, pool.IdleBytes);
        Assert.Equal((0, 0), (pool.RentedBatches, pool.RentedBytes));
    }

    [Theory, InlineData(0, 256), InlineData(64, 256), InlineData(65, 512), InlineData(128, 512), InlineData(129, 1024)]
    [InlineData(1 << 20, 4 << 20), InlineData((1 << 20) + 1, 8 << 20)]
    public void Memory_comes_in_powers_of_two_that_fit(int rows, long bytes)
    {
        using var batch = new BatchPool().Rent(One, rows);
        Assert.Equal(bytes, batch.SizeBytes);
    }

    [Fact]
    public void Every_size_up_to_a_class_bound_fits()
    {
        var pool = new BatchPool();
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Label());
        for (var rows = 0; rows < 2000; rows++)
        {
            using var batch = pool.Rent(schema, rows);
            Assert.InRange(BatchMemory.BytesFor(schema, rows), 0, batch.SizeBytes);
            batch.Memory.Values(1).Fill(1);
            batch["label"].WritableValidity.Fill(1);
        }
    }

    [Fact]
    public void Negative_rows_and_more_than_a_gibibyte_are_refused()
    {
        var pool = new BatchPool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(One, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(One, (1 << 28) + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(One, int.MaxValue));
        Assert.Equal((0, 0), (pool.RentedBatches, pool.RentedBytes));
    }

    [Fact]
    public void Many_threads_may_share_a_pool()
    {
        var pool = new BatchPool();

        Parallel.For(0, 8, worker =>
        {
            for (var i = 0; i < 2000; i++)
            {
                using var batch = Batches.OfChannels(pool, [worker, i]);
                using var other = batch.Retain();
                using var third = pool.Rent(One, 1 + (i % 300));
                Assert.Equal(i, other.Channels[0].Values<float>()[1]);
            }
        });
        Assert.Equal((0, 0), (pool.RentedBatches, pool.RentedBytes));
    }
}
