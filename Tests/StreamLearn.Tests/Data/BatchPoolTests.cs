using StreamLearn.Testing;

namespace StreamLearn.Tests;

public sealed class BatchPoolTests
{
    private static readonly Schema One = Batches.Channels(1);

    [Fact]
    public void Renting_again_allocates_nothing()
    {
        var pool = new BatchPool();
        for (var i = 0; i < 3; i++) { Cycle(pool); }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) { Cycle(pool); }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Cycle(BatchPool pool)
        {
            var batch = pool.Rent(One, 100);
            batch.Retain().Dispose();
            batch.Dispose();
        }
    }

    [Theory]
    [InlineData(0, 256)]
    [InlineData(64, 256)]
    [InlineData(65, 512)]
    [InlineData(128, 512)]
    [InlineData(129, 1024)]
    [InlineData(1 << 20, 4 << 20)]
    [InlineData((1 << 20) + 1, 8 << 20)]
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
            batch["label"].Validity.Fill(1);
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
