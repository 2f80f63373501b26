namespace StreamLearn.Operators.Tests;

/// <summary>Input streams that the tests of this project share.</summary>
internal static class Streams
{
    internal static readonly Schema Sensor = new(
        Field.Time(), Field.Channel("x", Unit.StandardGravity), Field.Channel("y", Unit.RadianPerSecond),
        new Field("recording", ColumnType.Int32, Unit.One), Field.Label());

    /// <summary>Rows numbered in channel x, of segments of the given lengths.</summary>
    internal static Batch Numbered(BatchPool pool, params int[] segments)
    {
        var batch = pool.Rent(Sensor, segments.Sum());
        var row = 0;
        for (var s = 0; s < segments.Length; s++)
        {
            for (var i = 0; i < segments[s]; i++, row++)
            {
                batch["time"].Writable<long>()[row] = row * 20_000_000L;
                batch["x"].Writable<float>()[row] = row;
                batch["y"].Writable<float>()[row] = MathF.Sin(row * 0.37f);
                batch["recording"].Writable<int>()[row] = s + 1;
                batch["label"].Writable<int>()[row] = row / 40 % 3;
                batch["label"].SetValid(row, row % 101 != 100);
            }
        }

        return batch;
    }

    /// <summary>Rows of one segment, 20 ms apart, that go on from a row.</summary>
    internal static Batch NumberedFrom(BatchPool pool, long first, int rows)
    {
        var batch = pool.Rent(Sensor, rows);
        for (var row = 0; row < rows; row++)
        {
            batch.Columns[0].Writable<long>()[row] = (first + row) * 20_000_000L;
            batch.Columns[1].Writable<float>()[row] = first + row;
            batch.Columns[2].Writable<float>()[row] = row;
            batch.Columns[3].Writable<int>()[row] = 1;
            batch.Columns[4].Writable<int>()[row] = row % 3;
        }
        return batch;
    }

    /// <summary>Sends a batch whole or in pieces, lets sliced work go on, and completes.</summary>
    internal static void Feed(OperatorProbe probe, Batch batch, IEnumerable<int> sizes)
    {
        foreach (var piece in Batches.Split(batch, sizes))
        {
            probe.Send(piece);
            probe.Advance(TimeSpan.Zero);
        }
        probe.Complete();
    }

    /// <summary>Bytes allocated by calls in steady state, beside the handles of batches.</summary>
    internal static long AllocatedBy(BatchPool pool, int calls, Action<int> call)
    {
        void Round()
        {
            for (var i = 0; i < calls; i++) { call(i); }
        }
        Round();
        return Allocations.Least(pool, Round);
    }

    /// <summary>Sends rows again and again, and sees to it that the block allocates nothing.</summary>
    internal static void AllocateNothing(OperatorProbe probe, Batch rows, int calls = 1000)
    {
        using (rows)
        {
            var bytes = AllocatedBy(probe.Pool, calls, _ =>
            {
                probe.Send(rows.Retain());
                probe.Clear();
            });
            Assert.InRange(bytes, 0, 256);
        }
    }

    internal static ulong Hash(IEnumerable<Batch> batches) => batches.Aggregate(0UL, (hash, batch) => Batches.Hash(batch, hash));

    internal static IEnumerable<int> Sizes(int seed)
    {
        var random = new RandomStream(seed, "sizes");
        while (true) { yield return random.NextInt32(90) + (seed % 2); }
    }
}
