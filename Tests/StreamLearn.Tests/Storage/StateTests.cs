using System.Collections.Immutable;

namespace StreamLearn.Tests;

/// <summary>What a state holds comes back bit for bit, and no bytes that are not one are believed.</summary>
public sealed class StateTests
{
    private static readonly Schema Columns = new(
        Field.Time(), Field.Channel("x", Unit.StandardGravity), Field.Label(), Field.Target(new("Cel")));

    [Theory, InlineData(90), InlineData(-90)]
    public void A_moment_on_the_clock_is_moved_by_the_time_away_and_one_that_is_none_is_not(int seconds)
    {
        var buffer = new StateBuffer();
        StateStream written = new(buffer);
        DateTimeOffset?[] moments = [OperatorProbe.Start, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue,
            DateTimeOffset.MaxValue - TimeSpan.FromSeconds(1), DateTimeOffset.MinValue + TimeSpan.FromSeconds(1)];
        var read = new DateTimeOffset?[moments.Length];
        foreach (var moment in moments) { written.ClockTime(moment); }

        StateStream s = new(buffer.Written, Pools.None, TimeSpan.FromSeconds(seconds));
        foreach (ref var moment in read.AsSpan()) { s.ClockTime(ref moment); }
        Assert.Equal(OperatorProbe.Start + TimeSpan.FromSeconds(seconds), read[0]);
        Assert.Equal(moments[1..4], read[1..4]);
        Assert.All(read[4..], static m => Assert.NotNull(m));      // not beyond what there is
        Assert.True(s.HasEnded);
    }

    [Fact]
    public void A_buffer_is_written_to_as_far_as_it_has_space_and_begins_again_when_it_is_cleared()
    {
        StateBuffer buffer = new();
        buffer.GetSpan(2)[0] = 7;
        buffer.Advance(2);
        Assert.Equal(2, buffer.Written.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(buffer.GetMemory().Length + 1));
        buffer.Clear();
        Assert.Equal(0, buffer.Written.Length);
    }

    /// <summary>As long as a line that lists all updates of a large round.</summary>
    [Theory, InlineData(65_534)]
    [InlineData(65_535)]
    [InlineData(200_000)]
    public void A_long_text_comes_back_as_it_was(int length)
    {
        var (buffer, text) = (new StateBuffer(), new string('ä', length / 2) + new string('x', length % 2));
        StateStream written = new(buffer);
        written.Value(text);
        written.Value("after it");
        StateStream s = new(buffer.Written, Pools.None);
        Assert.Equal(text, s.Value(""));
        Assert.Equal("after it", s.Value(""));
        Assert.True(s.HasEnded);
    }

    [Fact]
    public void Everything_comes_back_as_it_was()
    {
        var pool = new BatchPool(guard: true);
        using var expected = All.Of(pool);
        using All read = new();
        Assert.True(Read(Written(expected).Written, pool, read));
        Assert.Equal((true, 7, -1L, -0.0, "η über"), (read.Flag, read.Number, read.Large, read.Double, read.Text));
        Assert.Equal(0x7FC00123, BitConverter.SingleToInt32Bits(read.Single));
        Assert.Equal((9L, null, TimeSpan.FromTicks(5), null), (read.Some, read.None, read.Span, read.NoSpan));
        Assert.Equal((null, OperatorProbe.Start), (read.NoTime, read.Time));
        Assert.Equal([1f, float.NaN], read.Floats);
        Assert.Equal([long.MinValue, 5], read.Longs);
        Assert.Equal([3, 4], read.Fixed);
        Assert.Equal(["a", "b"], read.List);
        Assert.Equal([1, 2], read.Queue);
        Assert.Equal([new("x", 1), new("y", 2)], read.Dictionary);
        Assert.Equal(Columns, read.Schema);
        Assert.Null(read.NoBatch);
        Assert.Equal(Batches.Hash(expected.Batch!), Batches.Hash(read.Batch!));
        Assert.Equal(Columns, read.Batch!.Schema);
    }

    [Fact]
    public void A_state_that_is_cut_is_refused_wherever_it_is_cut()
    {
        var pool = new BatchPool(guard: true);
        var whole = Whole(pool);
        for (var length = 0; length < whole.Length; length++)
        {
            using All read = new();
            Assert.Throws<StateException>(() => Read(whole.AsSpan(0, length), pool, read));
        }
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void A_byte_that_is_changed_gives_other_values_or_a_refusal_and_reserves_nothing_that_is_not_there()
    {
        var pool = new BatchPool(guard: true);
        var whole = Whole(pool);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var bits in new byte[] { 1, 0x80, 0xFF })
            {
                var changed = (byte[])whole.Clone();
                changed[at] ^= bits;
                using All read = new();
                var failure = Record.Exception(() => Read(changed, pool, read));
                Assert.True(failure is null or StateException, $"byte {at}: {failure}");
            }
        }
        Assert.Equal(0, pool.RentedBatches);
    }

    [Fact]
    public void Writing_the_same_again_allocates_nothing()
    {
        var pool = new BatchPool();
        using var all = All.Of(pool);
        StateBuffer buffer = new();
        void Write()
        {
            buffer.Clear();
            StateStream s = new(buffer);
            all.State(ref s);
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
                StateStream written = new(buffer);
                written.Value(all, start, rows);
                written.Value(all, chosen);

                StateStream s = new(buffer.Written, pool);
                using var part = s.Value((Batch?)null)!;
                using var gathered = s.Value((Batch?)null)!;
                using var copy = all.Copy(start, rows);
                Assert.Equal(Batches.Hash(copy), Batches.Hash(part));
                Assert.Equal(chosen.Select(i => (float)i), gathered.Columns[1].Values<float>().ToArray());
                var valid = gathered.Columns[3];
                Assert.Equal(chosen.Select(i => labels[i] is not null), Enumerable.Range(0, rows).Select(i => valid.IsValid(i)));
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new StateStream(new StateBuffer()).Value(all, 30, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StateStream(new StateBuffer()).Value(all, -1, 2));
    }

    [Fact]
    public void Other_kinds_of_numbers_are_refused() =>
        Assert.Throws<NotSupportedException>(() => new StateStream(new StateBuffer()).Values<char>(['a']));

    private static byte[] Whole(BatchPool pool)
    {
        using var all = All.Of(pool);
        return Written(all).Written.ToArray();
    }

    private static StateBuffer Written(All all)
    {
        StateBuffer buffer = new();
        StateStream s = new(buffer);
        all.State(ref s);
        return buffer;
    }

    /// <returns>True if the bytes end there.</returns>
    private static bool Read(ReadOnlySpan<byte> bytes, BatchPool pool, All all)
    {
        StateStream s = new(bytes, pool);
        all.State(ref s);
        return s.HasEnded;
    }

    private sealed class All : IDisposable
    {
        internal bool Flag;
        internal int Number;
        internal int Bounded;
        internal long Large;
        internal long? Some;
        internal long? None;
        internal float Single;
        internal double Double;
        internal string Text = "";
        internal TimeSpan Span;
        internal TimeSpan? NoSpan;
        internal DateTimeOffset? NoTime;
        internal DateTimeOffset? Time;
        internal float[] Floats = [];
        internal ImmutableArray<long> Longs = [];
        internal int[] Fixed = new int[2];
        internal List<string> List = [];
        internal Queue<int> Queue = [];
        internal Dictionary<string, int> Dictionary = [];
        internal Schema? Schema;
        internal Batch? NoBatch;
        internal Batch? Batch;

        internal static All Of(BatchPool pool) => new()
        {
            Flag = true,
            Number = 7,
            Bounded = 3,
            Large = -1,
            Some = 9,
            Single = BitConverter.Int32BitsToSingle(0x7FC00123),
            Double = -0.0,
            Text = "η über",
            Span = TimeSpan.FromTicks(5),
            Time = OperatorProbe.Start,
            Floats = [1, float.NaN],
            Longs = [long.MinValue, 5],
            Fixed = [3, 4],
            List = ["a", "b"],
            Queue = new([1, 2]),
            Dictionary = new() { ["x"] = 1, ["y"] = 2 },
            Schema = Columns,
            Batch = Batches.Of(pool, Columns, new[] { 1L, 2, 3 }, new[] { 1f, float.NaN, -0f }, new int?[] { 4, null, 6 },
                new double?[] { null, 8, 9 }),
        };

        internal void State(ref StateStream s)
        {
            s.Value(ref Flag);
            s.Value(ref Number);
            s.Value(ref Bounded, 0, 3);
            s.Value(ref Large);
            s.Value(ref Some);
            s.Value(ref None);
            s.Value(ref Single);
            s.Value(ref Double);
            s.Value(ref Text);
            s.Value(ref Span);
            s.Value(ref NoSpan);
            (NoTime, Time) = (s.Time(NoTime), s.Time(Time));
            s.Array(ref Floats, 2);
            Longs = s.Array(Longs, 2);
            s.Values<int>(Fixed);
            s.Items(List, 2, static (ref StateStream s, ref string item) => item = s.Value(item ?? ""));
            s.Items(Queue, 2, static (ref StateStream s, ref int item) => s.Value(ref item));
            s.Items(Dictionary, 2, static (ref StateStream s, ref string key, ref int value) =>
                (key, value) = (s.Value(key ?? ""), s.Value(value)));
            s.Value(ref Schema);
            s.Value(ref NoBatch);
            s.Value(ref Batch);
        }

        public void Dispose()
        {
            NoBatch?.Dispose();
            Batch?.Dispose();
        }
    }
}
