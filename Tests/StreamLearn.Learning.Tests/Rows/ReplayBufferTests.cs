using FsCheck;

namespace StreamLearn.Learning.Tests;

public sealed class ReplayBufferTests
{
    [Fact]
    public void Every_row_is_kept_with_the_same_probability()
    {
        const int Rows = 40, Capacity = 10, Trials = 4000;
        var random = new RandomStream(7, "reservoir");
        var kept = new int[Rows];
        for (var trial = 0; trial < Trials; trial++)
        {
            var buffer = new ReplayBuffer(Capacity, 1, Rows);
            for (var row = 0; row < Rows; row++) { buffer.Add([row], row, random); }
            foreach (var row in Held(buffer)) { kept[row]++; }
        }

        const double Expected = (double)Trials * Capacity / Rows;
        var chiSquare = kept.Sum(k => (k - Expected) * (k - Expected) / (Expected * (1 - ((double)Capacity / Rows)))) * (Rows - 1) / Rows;
        Assert.InRange(chiSquare, 17.3, 72.1);      // 39 degrees of freedom: 0.1 % on either side
    }

    [Fact]
    public void A_buffer_that_takes_up_a_state_goes_on_with_the_same_rows_labels_and_targets()
    {
        var (buffer, taken) = (Balanced(), Balanced());
        var random = new RandomStream(9, "reservoir");
        for (var row = 0; row < 20; row++) { buffer.Add([row], row % 7 % 3, random, -row); }
        SavedState.Of(buffer.State).Into(taken.State);
        Assert.Equal(Targets(buffer), Targets(taken));
        var (one, other) = (new RandomStream(10, "reservoir"), new RandomStream(10, "reservoir"));
        for (var row = 20; row < 60; row++)
        {
            buffer.Add([row], row % 7 % 3, one, -row);
            taken.Add([row], row % 7 % 3, other, -row);
            Assert.Equal(buffer.Rows(0, 5), taken.Rows(0, 5));
            Assert.Equal(buffer.Labels(0, 5), taken.Labels(0, 5));
            Assert.Equal(Targets(buffer), Targets(taken));
        }

        static ReplayBuffer Balanced() => new(5, 1, 3, BufferKind.ClassBalanced, targets: true);

        static float[] Targets(ReplayBuffer buffer) => buffer.Targets(0, buffer.Count).ToArray();
    }

    [Fact]
    public void Draws_are_uniform_and_keep_rows_and_labels_together()
    {
        var random = new RandomStream(8, "reservoir");
        var buffer = new ReplayBuffer(10, 2, 10);
        for (var row = 0; row < 10; row++) { buffer.Add([row, -row], row, random); }
        var drawn = new BatchDraw(buffer, DrawKind.Replacement, random).Next(10_000, 1, []);
        var (rows, labels) = (drawn.Features.ToArray(), drawn.Labels.ToArray());
        for (var i = 0; i < labels.Length; i++) { Assert.True(rows[2 * i] == labels[i] && rows[(2 * i) + 1] == -labels[i]); }
        // 9 degrees of freedom: 0.1 % on either side
        Assert.InRange(labels.GroupBy(l => l).Sum(g => Math.Pow(g.Count() - 1000, 2) / 1000), 1.15, 27.9);
    }

    [Fact]
    public void Until_it_is_full_it_holds_what_came()
    {
        var buffer = new ReplayBuffer(3, 1, 6);
        Assert.Equal(0, buffer.Count);
        buffer.Add([1], 5, new(1, "x"));
        Assert.Equal(1, buffer.Count);
        Assert.Equal([5], Held(buffer));
    }

    [Fact]
    public void Balanced_no_class_has_more_than_its_share_while_another_is_short_of_it() =>
        Any.Of<(PositiveInt Capacity, PositiveInt Classes, PositiveInt Run, byte[] Stream)>(41, 43, sample =>
        {
            var classes = 1 + (sample.Classes.Get % 6);
            var capacity = classes + (sample.Capacity.Get % 40);
            var random = new RandomStream(sample.Capacity.Get, "balanced");
            var buffer = new ReplayBuffer(capacity, 1, classes, BufferKind.ClassBalanced);
            var seen = new int[classes];
            foreach (var value in sample.Stream)
            {
                for (var i = 0; i < sample.Run.Get; i++)        // runs of one class, as a wearer's day has them
                {
                    buffer.Add([value], value % classes, random);
                    seen[value % classes]++;
                }
            }

            return IsBalanced(buffer, capacity, seen);
        });

    [Fact]
    public void Balanced_a_rare_class_keeps_all_its_rows()
    {
        var random = new RandomStream(10, "balanced");
        var buffer = new ReplayBuffer(100, 1, 4, BufferKind.ClassBalanced);
        for (var row = 0; row < 20_000; row++) { buffer.Add([row], row % 1000 == 0 ? 3 : row % 3, random); }
        Assert.Equal([27, 27, 26, 20], buffer.Held.ToArray().OrderDescending());
        Assert.Equal(20, buffer.Held[3]);
    }

    [Fact]
    public void Balanced_every_row_of_a_class_that_is_too_large_is_kept_with_the_same_probability()
    {
        const int Rows = 60, Capacity = 20, Trials = 4000;
        var random = new RandomStream(11, "balanced");
        var kept = new int[Rows];
        for (var trial = 0; trial < Trials; trial++)
        {
            var buffer = new ReplayBuffer(Capacity, 1, 2, BufferKind.ClassBalanced);
            for (var row = 0; row < 2 * Rows; row++) { buffer.Add([row / 2], row & 1, random); }
            for (var place = 0; place < Capacity; place++)
            {
                if (buffer.Label(place) == 0) { kept[(int)buffer[place][0]]++; }
            }
        }

        const double Expected = (double)Trials * (Capacity / 2) / Rows;
        var chiSquare = kept.Sum(k => (k - Expected) * (k - Expected) / (Expected * (1 - (Capacity / 2.0 / Rows)))) * (Rows - 1) / Rows;
        Assert.InRange(chiSquare, 32, 98.3);        // 59 degrees of freedom: 0.1 % on either side
    }

    [Fact]
    public void Rows_are_counted_by_class_as_they_come_and_go()
    {
        var random = new RandomStream(12, "count");
        foreach (var kind in Enum.GetValues<BufferKind>())
        {
            var buffer = new ReplayBuffer(7, 1, 5, kind);
            for (var row = 0; row < 300; row++)
            {
                var label = random.NextInt32(5);
                buffer.Add([label], label, random);
                Assert.Equal(Math.Min(row + 1, 7), buffer.Count);
                var held = Enumerable.Range(0, buffer.Count).Select(buffer.Label).ToList();
                for (var c = 0; c < 5; c++) { Assert.Equal(held.Count(l => l == c), buffer.Held[c]); }
                for (var p = 0; p < buffer.Count; p++) { Assert.Equal(buffer.Label(p), buffer[p][0]); }
            }
        }
    }

    /// <summary>A class that had to give rows up holds as many as the largest, or one fewer.</summary>
    private static bool IsBalanced(ReplayBuffer buffer, int capacity, int[] seen)
    {
        var largest = 0;
        foreach (var held in buffer.Held) { largest = Math.Max(largest, held); }
        if (buffer.Count != Math.Min(capacity, seen.Sum())) { return false; }
        for (var c = 0; c < seen.Length; c++)
        {
            if (buffer.Held[c] > seen[c]) { return false; }
            if (buffer.Held[c] < seen[c] && buffer.Held[c] < largest - 1) { return false; }
        }
        return true;
    }

    private static HashSet<int> Held(ReplayBuffer buffer) => [.. Enumerable.Range(0, buffer.Count).Select(buffer.Label)];
}
