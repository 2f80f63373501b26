using StreamLearn.Testing;

namespace StreamLearn.Tests;

/// <summary>What a state holds comes back bit for bit, and no bytes that are not one are believed.</summary>
public sealed class StateTests
{
    private static readonly Schema Columns = new(
        Field.Time(), Field.Channel("x", Unit.StandardGravity), Field.Label(), Field.Target(new("Cel")));

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public void A_moment_on_the_clock_is_moved_by_the_time_away_and_one_that_is_none_is_not(int seconds)
    {
        var buffer = new StateBuffer();
        StateWriter writer = new(buffer);
        DateTimeOffset?[] moments = [OperatorProbe.Start, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue,
            DateTimeOffset.MaxValue - TimeSpan.FromSeconds(1), DateTimeOffset.MinValue + TimeSpan.FromSeconds(1)];
        foreach (var moment in moments) { writer.Write(moment); }

        StateReader reader = new(buffer.Written, Pools.None, TimeSpan.FromSeconds(seconds));
        Assert.Equal(OperatorProbe.Start + TimeSpan.FromSeconds(seconds), reader.ReadClockTime());
        Assert.Equal(moments[1..4], [reader.ReadClockTime(), reader.ReadClockTime(), reader.ReadClockTime()]);
        Assert.All([reader.ReadClockTime(), reader.ReadClockTime()], static m => Assert.NotNull(m));      // not beyond what there is
        Assert.True(reader.HasEnded);
    }

    [Fact]
    public void Everything_comes_back_as_it_was()
    {
        var pool = new BatchPool(guard: true);
        var buffer = Written(pool);

        StateReader reader = new(buffer.Written, pool);
        Assert.Equal((true, 7, -1L), (reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt64()));
        Assert.Equal(0x7FC00123, BitConverter.SingleToInt32Bits(reader.ReadSingle()));
        Assert.Equal(-0.0, reader.ReadDouble());
        Assert.Equal((null, OperatorProbe.Start, "η über"), (reader.ReadTime(), reader.ReadTime(), reader.ReadText()));
        Assert.Equal([1f, float.NaN], reader.ReadArray<float>(most: 2));
        var numbers = new long[2];
        reader.Read<long>(numbers);
        Assert.Equal([long.MinValue, 5], numbers);
        Assert.Null(reader.ReadBatch());
        using var batch = reader.ReadBatch()!;
        Assert.True(reader.HasEnded);
        using var expected = Rows(pool);
        Assert.Equal(Batches.Hash(expected), Batches.Hash(batch));
        Assert.Equal(Columns, batch.Schema);
    }

    [Fact]
    public void A_state_that_is_cut_is_refused_wherever_it_is_cut()
    {
        var pool = new BatchPool(guard: true);
        var whole = Written(pool).Written.ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<StateException>(() => ReadAll(whole.AsSpan(0, length), pool));
        }

        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void A_byte_that_is_changed_gives_other_values_or_a_refusal_and_reserves_nothing_that_is_not_there()
    {
        var pool = new BatchPool(guard: true);
        var whole = Written(pool).Written.ToArray();
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var bits in new byte[] { 1, 0x80, 0xFF })
            {
                var changed = (byte[])whole.Clone();
                changed[at] ^= bits;
                var failure = Record.Exception(() => ReadAll(changed, pool));
                Assert.True(failure is null or StateException, $"byte {at}: {failure}");
            }
        }

        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void Writing_the_same_again_allocates_nothing()
    {
        var pool = new BatchPool();
        using var rows = Rows(pool);
        StateBuffer buffer = new();
        void Write()
        {
            buffer.Clear();
            new StateWriter(buffer).Write(rows);
        }

        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) { Write(); }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Parts_and_chosen_rows_of_a_batch_come_back_as_batches_of_their_own()
    {
        var pool = new BatchPool(guard: true);
        var random = new Random(5);
        int?[] labels = [.. Enumerable.Range(0, 37).Select(i => random.Next(3) == 0 ? (int?)null : i)];
        using var all = Batches.Of(pool, Columns, labels.Select((_, i) => (long)i).ToArray(), labels.Select((_, i) => (float)i).ToArray(),
            labels, labels.Select(l => l is { } label ? label / 2.0 : (double?)null).ToArray());
        for (var start = 0; start <= all.Rows; start++)
        {
            for (var rows = 0; rows <= all.Rows - start; rows++)
            {
                int[] chosen = [.. Enumerable.Range(start, rows)];
                random.Shuffle(chosen);
                StateBuffer buffer = new();
                StateWriter writer = new(buffer);
                writer.Write(all, start, rows);
                writer.Write(all, chosen);

                StateReader reader = new(buffer.Written, pool);
                using var part = reader.ReadBatch()!;
                using var gathered = reader.ReadBatch()!;
                using var copy = all.Copy(start, rows);
                Assert.Equal(Batches.Hash(copy), Batches.Hash(part));
                Assert.Equal(chosen.Select(i => (float)i), gathered.Columns[1].Values<float>().ToArray());
                var valid = gathered.Columns[3];
                Assert.Equal(chosen.Select(i => labels[i] is not null), Enumerable.Range(0, rows).Select(i => valid.IsValid(i)));
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new StateWriter(new()).Write(all, 30, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StateWriter(new()).Write(all, -1, 2));
    }

    [Fact]
    public void Other_kinds_of_numbers_are_refused() =>
        Assert.Throws<NotSupportedException>(() => new StateWriter(new()).Write<char>("text"));

    private static Batch Rows(BatchPool pool) => Batches.Of(pool, Columns, new[] { 1L, 2, 3 }, new[] { 1f, float.NaN, -0f },
        new int?[] { 4, null, 6 }, new double?[] { null, 8, 9 });

    private static StateBuffer Written(BatchPool pool)
    {
        StateBuffer buffer = new();
        StateWriter writer = new(buffer);
        writer.Write(true);
        writer.Write(7);
        writer.Write(-1L);
        writer.Write(BitConverter.Int32BitsToSingle(0x7FC00123));
        writer.Write(-0.0);
        writer.Write((DateTimeOffset?)null);
        writer.Write(OperatorProbe.Start);
        writer.Write("η über");
        writer.Write<float>([1, float.NaN]);
        writer.Write<long>([long.MinValue, 5]);
        writer.Write((Batch?)null);
        using var rows = Rows(pool);
        writer.Write(rows);
        return buffer;
    }

    private static void ReadAll(ReadOnlySpan<byte> bytes, BatchPool pool)
    {
        StateReader reader = new(bytes, pool);
        _ = (reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadSingle(), reader.ReadDouble());
        _ = (reader.ReadTime(), reader.ReadTime(), reader.ReadText(), reader.ReadArray<float>(most: 2));
        reader.Read<long>(new long[2]);
        reader.ReadBatch()?.Dispose();
        reader.ReadBatch()?.Dispose();
    }
}
