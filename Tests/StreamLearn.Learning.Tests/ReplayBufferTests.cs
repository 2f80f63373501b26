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
    public void Draws_are_uniform_and_keep_rows_and_labels_together()
    {
        var random = new RandomStream(8, "reservoir");
        var buffer = new ReplayBuffer(10, 2, 10);
        for (var row = 0; row < 10; row++) { buffer.Add([row, -row], row, random); }
        var (rows, labels) = (new float[2 * 10_000], new int[10_000]);

        new BatchDraw(buffer, DrawKind.Replacement, random).Next(rows, labels);

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

    private static HashSet<int> Held(ReplayBuffer buffer) => [.. Enumerable.Range(0, buffer.Count).Select(buffer.Label)];
}
